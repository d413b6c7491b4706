//! Sets of programs that a person starts.

use crate::soundness::sets::{Set, set};

pub(super) const PROGRAMS: &[Set] = &[
    set(
        "curl",
        &["curl", "ca-certificates"],
        None,
        "curl -sS file:///etc/passwd | grep -q ^root:
         test \"$(grep -c BEGIN /etc/ssl/certs/ca-certificates.crt)\" -gt 100",
    ),
    set(
        "git",
        &["git"],
        None,
        "cd \"$(mktemp -d)\"; git init -q .
         git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first
         git log --oneline | grep -q first",
    ),
    set(
        "sshclient",
        &["openssh-client"],
        None,
        "ssh -V; ssh-keygen -q -t ed25519 -N '' -f \"$(mktemp -d)/key\"
         test \"$(stat -c '%G %a' /usr/bin/ssh-agent)\" = '_ssh 2755'",
    ),
    set(
        "locales",
        &["locales"],
        None,
        "localedef -i de_DE -f UTF-8 de_DE.UTF-8
         LC_ALL=de_DE.UTF-8 locale -k LC_TIME | grep -q Montag",
    ),
    set(
        "tzdata",
        &["tzdata"],
        None,
        "test \"$(TZ=Europe/Berlin date -d '2024-07-01 12:00 UTC' +%H)\" = 14",
    ),
    // A trigger makes these links for the compilers of other sets.
    set(
        "ccache",
        &["ccache"],
        None,
        "ccache --version
         for compiler in gcc g++ clang; do
           test ! -e /usr/bin/$compiler || test -L /usr/lib/ccache/$compiler
         done",
    ),
    set(
        "build",
        &["build-essential"],
        None,
        "cd \"$(mktemp -d)\"
         printf '#include <iostream>\\nint main() { std::cout << 6 * 7; }\\n' > a.cc
         printf 'all: a\\n' > Makefile; make CXX=c++ LINK.o='$(CXX)'; test \"$(./a)\" = 42
         printf 'int main(void) { return 0; }\\n' > b.c; cc b.c -o b; ./b
         dpkg-architecture -qDEB_HOST_ARCH",
    ),
    set(
        "cmake",
        &["cmake", "ninja-build"],
        None,
        "cd \"$(mktemp -d)\"; echo 'project(a NONE)' > CMakeLists.txt
         cmake -G Ninja . && ninja",
    ),
    set(
        "clang",
        &["clang", "lldb"],
        None,
        "cd \"$(mktemp -d)\"; printf 'int main(void) { return 42; }\\n' > a.c
         clang a.c -o a; code=0; ./a || code=$?; test $code = 42
         lldb --version",
    ),
    set(
        "python",
        &["python3", "python3-pip", "python3-venv"],
        None,
        "folder=\"$(mktemp -d)\"; python3 -m venv \"$folder\"; pip3 --version
         \"$folder/bin/python\" -c 'import ssl, sqlite3, ctypes, lzma; print(6 * 7)' | grep -qx 42",
    ),
    set(
        "nodejs",
        &["nodejs", "npm"],
        None,
        "node -e 'require(\"crypto\").createHash(\"sha256\"); console.log(6 * 7)' | grep -qx 42
         npm --version",
    ),
    set(
        "rust",
        &["cargo", "rustc"],
        None,
        "cd \"$(mktemp -d)\"; cargo init --quiet --name a --vcs none .
         cargo run --quiet --offline | grep -q world",
    ),
    set(
        "golang",
        &["golang-go"],
        None,
        "cd \"$(mktemp -d)\"; export HOME=\"$PWD\" GO111MODULE=off
         printf 'package main\\nfunc main() { println(6 * 7) }\\n' > a.go
         go run a.go 2>&1 | grep -qx 42",
    ),
    set(
        "java",
        &["openjdk-17-jdk-headless"],
        Some(&["openjdk-21-jdk-headless"]),
        "cd \"$(mktemp -d)\"
         echo 'class A { public static void main(String[] a) { System.out.print(6 * 7); } }' > A.java
         javac A.java; test \"$(java A)\" = 42
         keytool -list -cacerts -storepass changeit 2> /dev/null > list
         test \"$(grep -c trustedCertEntry list)\" -gt 100",
    ),
    set(
        "ffmpeg",
        &["ffmpeg"],
        None,
        "ffmpeg -v error -f lavfi -i testsrc=duration=0.2:size=64x64 -f null -",
    ),
    set(
        "vim",
        &["vim"],
        None,
        "file=\"$(mktemp)\"; vim -es -u NONE -c \"call writefile([6 * 7], '$file')\" -c q
         grep -qx 42 \"$file\"",
    ),
    set(
        "neovim",
        &["neovim"],
        None,
        "file=\"$(mktemp)\"
         nvim --headless -u NONE +\"call writefile([string(6 * 7)], '$file')\" +q
         grep -qx 42 \"$file\"",
    ),
    set(
        "cli",
        &["fzf", "ripgrep", "fd-find"],
        None,
        "cd \"$(mktemp -d)\"; echo here > there
         rg here; fdfind there; printf 'one\\ntwo\\n' | fzf -f two",
    ),
    set("jq", &["jq"], None, "echo '[40, 2]' | jq add | grep -qx 42"),
    set(
        "tmux",
        &["tmux"],
        None,
        "export LC_ALL=C.UTF-8; tmux -L smoke new-session -d 'sleep 5'
         tmux -L smoke list-sessions; tmux -L smoke kill-server",
    ),
    set(
        "zsh",
        &["zsh"],
        None,
        "zsh -fc 'zmodload zsh/datetime; print $((6 * 7))' | grep -qx 42
         grep -q /zsh$ /etc/shells",
    ),
    set(
        "sudo",
        &["sudo"],
        None,
        "visudo -c; sudo -n id -u | grep -qx 0; stat -c '%a %U' /usr/bin/sudo | grep -qx '4755 root'
         getent group sudo",
    ),
];
