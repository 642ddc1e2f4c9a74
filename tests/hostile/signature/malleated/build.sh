decision bob approve >bob.toml
take "$TIP"
decide bob bob.toml
sed '/^-/d' bob.toml.sig | base64 -d >blob
# The scalar is the last 32 bytes, little-endian; L is the order of the base point.
L='237 211 245 92 26 99 18 88 214 156 247 162 222 249 222 20 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 16'
head -c -32 blob >bent
tail -c 32 blob | od -An -v -tu1 | tr -s ' \n' '\n\n' | grep . >scalar
carry=0
# shellcheck disable=SC2086 # numbers
for add in $L; do
    read -r byte
    sum=$((byte + add + carry))
    carry=$((sum / 256))
    printf "\\$(printf %03o $((sum % 256)))" >>bent
done <scalar
(
    echo '-----BEGIN SSH SIGNATURE-----'
    base64 -w 70 <bent
    echo '-----END SSH SIGNATURE-----'
) >bent.sig
put "$DIR/decisions/bob.$(digest <bob.toml | cut -c 1-12).toml.sig" <bent.sig
append
