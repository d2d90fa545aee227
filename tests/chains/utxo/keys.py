"""Three extended public keys that nobody on this machine can sign for."""

from __future__ import annotations

import base58

# Keys of BIP-380 and BIP-383, written with the version bytes of test networks.
A, B, C = (
    base58.b58encode_check(bytes.fromhex("043587cf") + base58.b58decode_check(key)[4:]).decode()
    for key in (
        (
            "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRj"
            "aDMzQLcgJvLJuZZvRcEL"
        ),
        (
            "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaP"
            "PLPxSb7gwQN3ih19Zm4Y"
        ),
        (
            "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzT"
            "JY47LJhkJ8UB7WEGuduB"
        ),
    )
)
