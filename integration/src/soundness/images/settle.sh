# Runs every trigger of the system once more.
cd /var/lib/dpkg/triggers
{
  sed 's/ [^ ]*$//' File
  # shellcheck disable=SC2010 # the names of triggers are plain words
  ls | grep -vxE 'File|Lock|Unincorp'
} | sort -u |
  while IFS= read -r trigger; do
    dpkg-trigger --no-await --by-package=dpkg "$trigger"
  done
dpkg --triggers-only --pending
