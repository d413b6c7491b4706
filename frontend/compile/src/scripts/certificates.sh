ca=/run/secrets/inlay-ca
if [ -s "$ca" ]; then
  export SSL_CERT_FILE="$ca" CURL_CA_BUNDLE="$ca" GIT_SSL_CAINFO="$ca"
  export PIP_CERT="$ca" REQUESTS_CA_BUNDLE="$ca"
  export NODE_EXTRA_CA_CERTS="$ca" NPM_CONFIG_CAFILE="$ca" CARGO_HTTP_CAINFO="$ca"
fi
