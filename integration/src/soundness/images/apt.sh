# apt-get that asks nothing and keeps its lists and downloads in a folder that the survey leaves out.
#
# `fetch` is retried, as inlay itself retries: a network that fails for a moment says nothing about the two
# systems. What was fetched is installed only once.
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
mkdir -p /tmp/soundness/apt/lists/partial /tmp/soundness/apt/archives/partial
apt() {
  apt-get --quiet --yes --no-install-recommends -o APT::Sandbox::User=root -o Acquire::Retries=3 \
    -o APT::Update::Error-Mode=any -o Dir::State::lists=/tmp/soundness/apt/lists -o Dir::Cache::archives=/tmp/soundness/apt/archives "$@"
}
fetch() {
  for pause in 3 6 9 12; do
    apt "$@" && return
    sleep "$pause"
  done
  apt "$@"
}
add() {
  fetch install --download-only "$@"
  apt install "$@"
}
