# Runs apt, with its downloads and package lists in the command's own folder. Follows root.sh.
mkdir -p "$inlay_work/archives/partial"

# $1 is apt-get or apt-cache.
run_apt() {
  inlay_program=$1
  shift
  # Downloads do not go to /var/cache/apt, because images of Debian are set up to empty it. What apt
  # computes from the lists is kept from one call to the next. A word that is no package's name must not be
  # taken as a pattern.
  "$inlay_program" --quiet \
    -o APT::Sandbox::User=root -o Acquire::Retries=3 -o APT::Update::Error-Mode=any \
    -o APT::Cmd::Pattern-Only=true -o Acquire::Languages=none -o Acquire::GzipIndexes=false \
    -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o Dir::Cache::archives="$inlay_work/archives" -o Dir::State::lists="$inlay_work/lists" \
    -o Dir::Cache::pkgcache="$inlay_work/packages.bin" -o Dir::Cache::srcpkgcache="$inlay_work/sources.bin" \
    ${SSL_CERT_FILE:+-o "Acquire::https::CAInfo=$SSL_CERT_FILE"} "$@"
}
apt() {
  run_apt apt-get "$@"
}
# What apt and dpkg print while all goes well would bury what the other parts of the extension print. It is
# shown when something fails; warnings are always shown.
show_log() {
  cat "$inlay_work/log" >&2
}
# apt retries a connection, but gives up at once when a name cannot be resolved.
fetch() {
  attempt=1
  until apt "$@" >"$inlay_work/log" 2>"$inlay_work/errors"; do
    show_log
    cat "$inlay_work/errors" >&2
    if [ "$attempt" = 5 ] || ! grep -qE 'Temporary failure|Could not (resolve|connect)|Connection (failed|timed out|reset)|Failed to fetch' "$inlay_work/errors"; then
      return 1
    fi
    echo "inlay: the network failed in attempt $attempt of 5; trying again in $((attempt * 3)) s" >&2
    sleep $((attempt * 3))
    attempt=$((attempt + 1))
  done
  cat "$inlay_work/errors" >&2
}

# The package lists that the sources name, as lines of SHA256, size and file for `admit`, by what the signed
# files of the repositories say, which apt has fetched and verified. A `-` stands for what they do not say.
list_indexes() {
  # shellcheck disable=SC2016 # apt replaces the names
  apt indextargets --no-release-info --format '$(FILENAME) $(METAKEY)' 'Created-By: Packages' 'Target-Of: deb' |
    awk '
      function read_release(file,   line, words, is_signed, is_list) {
        is_read[file] = 0
        while ((getline line < file) > 0) {
          if (line ~ /^-----BEGIN PGP SIGNED MESSAGE/) { is_signed = 1; is_read[file] = 1 }
          if (line ~ /^-----BEGIN PGP SIGNATURE/) is_signed = 0
          if (!is_signed) continue
          if (line ~ /^No-Support-for-Architecture-all:.*Packages/) without_all[file] = 1
          if (line !~ /^ /) is_list = line ~ /^SHA256:/
          else if (is_list && split(line, words) == 3) content[file, words[3]] = words[1] " " words[2]
        }
        close(file)
      }
      {
        end = $2
        gsub("/", "_", end)
        start = substr($1, 1, length($1) - length(end))
        file = start "InRelease"
        if (!(file in is_read)) read_release(file)
        is_all = $2 ~ /(^|\/)binary-all\/Packages$/
        if (is_all && is_read[file] && (file in without_all || !((file, $2) in content))) next
        known = "- -"
        if (start end == $1 && (file, $2) in content) known = content[file, $2]
        print known, $1
      }'
}

# Fetches the package lists. apt fetches and verifies the signed file of each repository. A list is taken
# from the cache only if it has the SHA256 that this file says; otherwise apt fetches and compares it.
update() {
  rm -rf "$inlay_work/lists" "$inlay_work"/*.bin
  mkdir -p "$inlay_work/lists/partial"
  fetch update -o Acquire::IndexTargets::deb::Packages::DefaultEnabled=false
  list_indexes >"$inlay_work/indexes"
  if ! [ -s "$inlay_work/indexes" ] || ! admit list "$inlay_work/lists" <"$inlay_work/indexes"; then
    fetch update
    list_indexes | publish list "$inlay_work/lists"
  fi
}
