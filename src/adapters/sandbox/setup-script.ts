/**
 * The shell programs that build the confinement. They run before any generated code does and take their input from variables,
 * never from generated text.
 *
 * SB_ROOT mount point · SB_SOURCE project folder · SB_UID user id to run as, empty when the caller is not root ·
 * SB_BINDS, SB_LINKS lines of `from<TAB>to` · SB_DISK MiB of the project and of /tmp · SB_LOOPBACK `ip` where it exists ·
 * SB_INSTALLER, SB_INSTALL, SB_FILTER command, text and arguments of what installs the system call filter, empty for none.
 */
export const BUILD_ROOT = String.raw`
set -eu
umask 022
R=$SB_ROOT
mount -t tmpfs -o size=4m,mode=0755,nosuid,nodev none "$R"
cd "$R"
mkdir old proc dev tmp project
bind() {
  if [ -d "$1" ]; then mkdir -p "$R$2"; else mkdir -p "$(dirname "$R$2")"; : > "$R$2"; fi
  mount --bind "$1" "$R$2" 2>/dev/null || mount --rbind "$1" "$R$2"
  mount -o remount,bind,ro,nosuid,nodev "$R$2" 2>/dev/null || mount -o remount,bind,ro,nosuid,nodev,noexec "$R$2"
}
TAB=$(printf '\t')
while IFS="$TAB" read -r from to; do
  if [ -n "$from" ]; then bind "$from" "$to"; fi
done <<BINDS
$SB_BINDS
BINDS
while IFS="$TAB" read -r from to; do
  if [ -n "$from" ]; then ln -s "$from" "$R$to"; fi
done <<LINKS
$SB_LINKS
LINKS
mount -t tmpfs -o "size=$SB_DISK"m,mode=1777,nosuid,nodev none tmp
mount -t tmpfs -o "size=$SB_DISK"m,mode=0755,nosuid,nodev none project
mount -t tmpfs -o size=256k,mode=0755,nosuid none dev
mkdir dev/shm
mount -t tmpfs -o size=64m,mode=1777,nosuid,nodev none dev/shm
for n in null zero full random urandom; do : > "dev/$n"; mount --bind "/dev/$n" "dev/$n"; done
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount -t proc -o nosuid,nodev,noexec proc proc
cp -RP "$SB_SOURCE/." project/
if [ -n "$SB_UID" ]; then chown -hR "$SB_UID:$SB_UID" project; fi
if [ -n "$SB_LOOPBACK" ]; then "$SB_LOOPBACK" link set lo up || :; fi
hostname sandbox 2>/dev/null || :
pivot_root . old
cd /
umount -l /old
rmdir /old
mount -o remount,bind,ro,nosuid,noexec /dev
mount -o remount,bind,ro,nosuid,nodev /
`;

/**
 * Gives up every capability, sets the limits and installs the system call filter; `no-new-privs` keeps set-user-id programs from
 * giving any capability back, and lets a process without them install a filter.
 */
export const CONFINED_RUN = String.raw`
limits=$1; folder=$2; result=$3; shift 3
[ -w /proc/sys/user/max_user_namespaces ] && echo 0 > /proc/sys/user/max_user_namespaces
echo 1000 > /proc/self/oom_score_adj
cd "$folder" || exit 125
set -- env -i PATH=/usr/bin:/bin sh -c "$SB_PROGRAM" program "$result" "$@"
if [ -n "$SB_FILTER" ]; then set -- $SB_INSTALLER "$SB_INSTALL" $SB_FILTER "$@"; fi
exec setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all --no-new-privs prlimit $limits -- "$@"
`;

/** Starts the program. Descriptor 3, which the program does not get, carries a mark that the confinement stands, then the result file. */
export const PROGRAM_RUN = String.raw`
result=$1; shift
printf 'up\n' >&3
"$@" 3>&-
code=$?
if [ -n "$result" ] && [ -f "$result" ]; then head -c 8388608 "$result" >&3; fi
exit $code
`;

/** Leaves root's identity behind; then, where the kernel lets it, enters a user namespace of its own that allows no further ones. */
export const DROP_PRIVILEGES = String.raw`
code=0
if [ -n "$SB_UID" ]; then drop="setpriv --reuid=$SB_UID --regid=$SB_UID --clear-groups --"; else drop=""; fi
if $drop unshare --user --map-user=1000 --map-group=1000 true 2>/dev/null; then
  $drop unshare --user --map-user=1000 --map-group=1000 --keep-caps sh -c "$SB_CONFINED" confined "$@" || code=$?
else
  $drop sh -c "$SB_CONFINED" confined "$@" || code=$?
fi
exit $code
`;
