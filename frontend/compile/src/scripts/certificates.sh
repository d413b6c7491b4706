# Makes the usual programs trust the user's certificates, if there are any, beside those of the image. An engine may have
# added its own to these (`--proxy-network`).
inlay_ca=/run/secrets/inlay-ca
if [ -s "$inlay_ca" ]; then
  for inlay_own in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
    # This folder is a mount of the container's, so nothing of it is in a layer.
    if [ -s "$inlay_own" ] && cat "$inlay_own" "$inlay_ca" >/dev/shm/inlay-ca.crt 2>/dev/null; then
      inlay_ca=/dev/shm/inlay-ca.crt
      break
    fi
  done
  export SSL_CERT_FILE="$inlay_ca" CURL_CA_BUNDLE="$inlay_ca" GIT_SSL_CAINFO="$inlay_ca"
  export PIP_CERT="$inlay_ca" REQUESTS_CA_BUNDLE="$inlay_ca"
  export NODE_EXTRA_CA_CERTS="$inlay_ca" NPM_CONFIG_CAFILE="$inlay_ca" CARGO_HTTP_CAINFO="$inlay_ca"
fi
