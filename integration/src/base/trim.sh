# Turns the fresh tree $1 into what the official image has. The settings of apt and dpkg have the same
# effect as the official image's, because extensions meet them in the field.
set -eu
cd "$1"
rm -rf var/lib/apt/lists/* var/cache/apt/*.bin var/cache/apt/archives/*.deb var/cache/ldconfig/*
rm -rf var/cache/debconf/*-old var/lib/dpkg/*-old var/log/bootstrap.log tmp/* run/*
find var/log -type f -exec truncate -s 0 {} +
rm -f var/log/dpkg.log var/log/alternatives.log
mkdir -p var/lib/apt/lists/partial var/cache/apt/archives/partial run/lock
chmod 1777 run/lock
: >etc/machine-id
: >etc/hostname
: >etc/resolv.conf
printf '#!/bin/sh\nexit 101\n' >usr/sbin/policy-rc.d
chmod 755 usr/sbin/policy-rc.d
echo force-unsafe-io >etc/dpkg/dpkg.cfg.d/docker-apt-speedup
cat >etc/apt/apt.conf.d/docker-clean <<'END'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
END
echo 'Apt::AutoRemove::SuggestsImportant "false";' >etc/apt/apt.conf.d/docker-autoremove-suggests
echo 'Acquire::GzipIndexes "true";' >etc/apt/apt.conf.d/docker-gzip-indexes
echo 'Acquire::Languages "none";' >etc/apt/apt.conf.d/docker-no-languages
