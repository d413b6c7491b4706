# Makes the usual programs trust the user's certificates, if there are any.
inlay_ca=/run/secrets/inlay-ca
if [ -s "$inlay_ca" ]; then
  export SSL_CERT_FILE="$inlay_ca" CURL_CA_BUNDLE="$inlay_ca" GIT_SSL_CAINFO="$inlay_ca"
  export PIP_CERT="$inlay_ca" REQUESTS_CA_BUNDLE="$inlay_ca"
  export NODE_EXTRA_CA_CERTS="$inlay_ca" NPM_CONFIG_CAFILE="$inlay_ca" CARGO_HTTP_CAINFO="$inlay_ca"
fi
