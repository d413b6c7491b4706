# Fetches the package lists of all repositories, and names their state. Follows apt.sh.
#
# If lists are given, they stay as they are, and only those of other repositories are fetched: what one image is made
# of comes from one state.
inlay_given=/run/inlay/given
inlay_named=/run/inlay/state

# The lists that the repositories of the root have, one on each line.
list_targets() {
  # shellcheck disable=SC2016 # apt replaces the name
  run_apt apt-get indextargets --no-release-info --format '$(URI)' 'Created-By: Packages' | sort -u
}
update() {
  try_again run_apt apt-get update "$@" || {
    show_log
    cat "$inlay_work/errors" >&2
    exit 1
  }
}
# What of a signed file decides which package is chosen.
describe_release() {
  awk '/^(MD5Sum|SHA1|SHA256|SHA512):/ { exit } /^[A-Z][A-Za-z-]*: / && !/^(Date|Valid-Until|Hash): /' "$1"
}
take_given() {
  find "$inlay_given" -maxdepth 1 -type f -name '*_*' -exec cp -p --target-directory "$inlay_lists" -- {} +
}

inlay_begin_part lists "package lists"
mkdir -p "$inlay_lists/partial" "$inlay_named"
touch "$inlay_work/none"
use_snapshot
if [ -d "$inlay_given" ]; then
  if [ "$(cat "$inlay_given/digest")" != "$INLAY_STATE" ]; then
    echo "inlay: the package lists that were kept are gone" >&2
    exit 75
  fi
  list_targets | comm -23 - "$inlay_given/targets" >"$inlay_work/new"
  if ! [ -s "$inlay_work/new" ] && ! [ -d "$inlay_repositories" ]; then
    # What the root requires has changed nothing about repositories.
    rmdir "$inlay_lists/partial"
    : >"$inlay_lists/same"
    cp "$inlay_given/digest" "$inlay_named/digest"
    date +%s >"$inlay_named/made"
    inlay_end_part
    exit 0
  fi
  take_given
  if lacks_certificates; then
    # Only a package of the base's own archive may decide which certificates to trust.
    (cd "$inlay_work" && try_again run_apt apt-get download ca-certificates)
    trust_package "$inlay_work"/ca-certificates_*.deb
  fi
  add_repositories
  if [ -s "$inlay_work/new" ]; then
    # What the root requires has brought repositories of its own.
    update
    take_given
  else
    mkdir "$inlay_work/added"
    for inlay_file in "$inlay_repositories"/*.sources; do
      cp "/etc/apt/sources.list.d/${inlay_file##*/}" "$inlay_work/added"
    done
    update -o Dir::Etc::sourcelist="$inlay_work/none" -o Dir::Etc::sourceparts="$inlay_work/added" \
      -o APT::Get::List-Cleanup=false
  fi
else
  add_repositories
  update
fi
list_targets >"$inlay_work/targets"
rm -rf "$inlay_lists/partial" "$inlay_lists/auxfiles" "$inlay_lists/lock"
cd "$inlay_lists"
find . -maxdepth 1 -type f | sort | while read -r inlay_file; do
  case $inlay_file in
  *Release) describe_release "$inlay_file" ;;
  *_Packages) sha256sum "$inlay_file" ;;
  esac
done >"$inlay_work/described"
cat "$inlay_work/targets" >>"$inlay_work/described"
inlay_digest=$(sha256sum <"$inlay_work/described")
# What apt computes from the lists is kept beside them. It is good for as long as their times are those that it saw.
find . -type f -exec touch --date="@$INLAY_EPOCH" {} +
mkdir -p "$inlay_lists/partial"
run_apt apt-cache gencaches >"$inlay_work/log" 2>&1
cp "$inlay_work/sources.bin" sources.bin
cp "$inlay_work/targets" targets
date +%s >"$inlay_named/made"
echo "${inlay_digest%% *}" | tee digest >"$inlay_named/digest"
awk '/^(Package|Status|Version|Architecture|Multi-Arch|Provides|Conflicts|Breaks|Depends|Pre-Depends):/ || /^$/' \
  /var/lib/dpkg/status >"$inlay_named/packages"
inlay_end_part
