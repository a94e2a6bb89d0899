# chats like git daemon with a pre-receive hook
# shellcheck shell=sh
echo "Ready to rumble"
while sleep 4; do
  echo "Connection from 172.18.0.3:41234"
  echo "git-gate: scanned 2 commits, no secret found"
done
