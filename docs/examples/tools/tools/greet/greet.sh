#!/bin/sh
echo "$(cat "$GREETINGS/${1:-english}"), $(cat /etc/greet/whom)"
