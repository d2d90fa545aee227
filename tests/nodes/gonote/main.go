// Checks notes, checkpoints and proofs with the libraries of Go's checksum database, which share no
// code with ours. Cases come as a JSON list on stdin; an answer each, "" if it holds, goes to stdout.
//
// Cosignatures are not part of that module: their message (c2sp.org/tlog-cosignature) is made here,
// and Go's note package and Ed25519 do the rest.
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type testCase struct {
	Origin     string
	Key        string
	Witnesses  []string
	Checkpoint string
	// An entry's digest in hex, its index and path; not looked at if Digest is empty.
	Digest string
	Index  int64
	Path   []string
	// An earlier checkpoint and the path from it; not looked at if Old is empty.
	Old  string
	From []string
}

type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }

func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 72 {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}

func newWitness(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("not a key: %q", vkey)
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(data) != 33 || data[0] != 4 {
		return nil, fmt.Errorf("not a witness's key: %q", vkey)
	}
	return witness{parts[0], uint32(hash), data[1:]}, nil
}

// open opens a checkpoint and demands the signature of the log and of every witness.
func open(one testCase, text string) (tree tlog.Tree, err error) {
	key, err := note.NewVerifier(one.Key)
	if err != nil {
		return tree, err
	}
	known := []note.Verifier{key}
	for _, vkey := range one.Witnesses {
		other, err := newWitness(vkey)
		if err != nil {
			return tree, err
		}
		known = append(known, other)
	}
	opened, err := note.Open([]byte(text), note.VerifierList(known...))
	if err != nil {
		return tree, err
	}
	if len(opened.Sigs) != len(known) {
		return tree, fmt.Errorf("%d signatures, expected %d", len(opened.Sigs), len(known))
	}
	return parseCheckpoint(one.Origin, opened.Text)
}

func parseCheckpoint(origin, text string) (tree tlog.Tree, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] != origin {
		return tree, fmt.Errorf("not a checkpoint of %q", origin)
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

func hashes(path []string) (found []tlog.Hash, err error) {
	for _, text := range path {
		hash, err := tlog.ParseHash(text)
		if err != nil {
			return nil, err
		}
		found = append(found, hash)
	}
	return found, nil
}

func check(one testCase) error {
	tree, err := open(one, one.Checkpoint)
	if err != nil {
		return err
	}
	if one.Digest != "" {
		digest, err := hex.DecodeString(one.Digest)
		if err != nil {
			return err
		}
		path, err := hashes(one.Path)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(path, tree.N, tree.Hash, one.Index, tlog.RecordHash(digest)); err != nil {
			return err
		}
	}
	if one.Old != "" {
		earlier := one
		earlier.Witnesses = nil
		old, err := open(earlier, one.Old)
		if err != nil {
			return err
		}
		path, err := hashes(one.From)
		if err != nil {
			return err
		}
		return tlog.CheckTree(path, tree.N, tree.Hash, old.N, old.Hash)
	}
	return nil
}

func main() {
	var cases []testCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	answers := make([]string, len(cases))
	for at, one := range cases {
		if err := check(one); err != nil {
			answers[at] = err.Error()
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		os.Exit(2)
	}
}
