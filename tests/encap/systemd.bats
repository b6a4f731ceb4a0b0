#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Encapsulated services under real systemds: where they run, what they are given, what they survive.

load lab

setup()
{
	lab_need bookworm
	fresh_node bookworm
}

fresh_node()
{
	lab_new node "$1"
	lab_install node
	lab_services node
}

teardown()
{
	if [[ ! $BATS_TEST_COMPLETED ]]; then
		lab node journalctl --no-pager -n 40 2>/dev/null || true
	fi
	lab_stop node
}

log()
{
	lab node journalctl --no-pager -o cat "$@"
}

# Both services run in the pinned namespace, which is not the host's.
assert_inside()
{
	local ns

	mapfile -t ns < <(lab_ns node host pin kubelet crio)
	echo "host pin kubelet crio: ${ns[*]}"
	[[ ${ns[0]} == mnt:* && ${ns[1]} == mnt:* && ${ns[0]} != "${ns[1]}" ]]
	[[ ${ns[2]} == "${ns[1]}" && ${ns[3]} == "${ns[1]}" ]]
}

assert_on_host()
{
	local ns

	mapfile -t ns < <(lab_ns node host kubelet crio)
	echo "host kubelet crio: ${ns[*]}"
	[[ ${ns[1]} == "${ns[0]}" && ${ns[2]} == "${ns[0]}" ]]
}

for_each_suite()
{
	local suite

	for suite in $(lab_suites); do
		echo "== $suite"
		lab_need "$suite"
		fresh_node "$suite"
		"$@"
	done
}

services_are_inside_with_the_same_arguments()
{
	local before after

	lab_start node
	assert_on_host
	before=$(lab node cat /run/kubelet.args /run/kubelet.env /run/crio.args)
	[[ $before == *"second arg"* && $before == *'$HOME'* ]]
	lab_enable node
	lab_reboot node
	assert_inside
	after=$(lab node cat /run/kubelet.args /run/kubelet.env /run/crio.args)
	diff <(echo "$before") <(echo "$after")
	[[ $(lab node systemctl show -p NRestarts --value kubelet crio | tr -d '\n') == 00 ]]
}

@test "after a boot both services are inside, with exactly the arguments they had outside" {
	for_each_suite services_are_inside_with_the_same_arguments
}

restarts_keep_the_namespace()
{
	local pin

	lab_enable node
	lab_start node
	assert_inside
	pin=$(lab_ns node pin)
	lab node systemctl restart kubelet
	assert_inside
	lab node systemctl restart crio
	assert_inside
	lab node systemctl daemon-reload
	lab node systemctl restart crio kubelet
	assert_inside
	lab node bash -c 'kill -KILL $(systemctl show -p MainPID --value kubelet)'
	lab node bash -c 'for i in {1..50}; do sleep .1; systemctl is-active kubelet && break; done'
	assert_inside
	lab node systemctl start container-mount-namespace
	lab node bash -c 'systemctl restart container-mount-namespace || true'
	lab node systemctl start container-mount-namespace
	assert_inside
	[[ $(lab_ns node pin) == "$pin" ]]
}

@test "restarts of either service, a crash, daemon-reload and a restart of the pin's unit keep the namespace" {
	for_each_suite restarts_keep_the_namespace
}

upgrades_take_effect()
{
	lab_enable node
	lab_start node
	lab_sh node <<-'GUEST'
		sed -i 's/--unit=%n/--upgraded=%n/' /usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf
		printf '[Service]\nExecStart=\nExecStart=-/usr/local/bin/fake-service crio "--new runtime"\n' \
			>/usr/lib/systemd/system/crio.service.d/99-new.conf
		systemctl daemon-reload
		systemctl restart crio kubelet
		grep -qx -e --upgraded=kubelet.service /run/kubelet.args
		grep -qx -e '--new runtime' /run/crio.args
	GUEST
	assert_inside
}

@test "an upgrade of the unit file and a new drop-in take effect at the next daemon-reload" {
	for_each_suite upgrades_take_effect
}

static_dropin_wraps()
{
	local before

	lab_start node
	before=$(lab node cat /run/kubelet.args /run/kubelet.env /run/crio.args)
	lab_sh node <<-'GUEST'
		for s in kubelet crio; do
			mkdir -p /etc/systemd/system/$s.service.d
			cp /usr/share/mountscope/20-container-mount-namespace.conf /etc/systemd/system/$s.service.d/
		done
	GUEST
	lab_reboot node
	assert_inside
	diff <(echo "$before") <(lab node cat /run/kubelet.args /run/kubelet.env /run/crio.args)
	lab_sh node <<-'GUEST'
		tr "\0" "\n" </proc/$(systemctl show -p MainPID --value kubelet)/environ >/run/environ
		fails grep ORIG_EXECSTART /run/environ
	GUEST
	lab node systemctl restart crio kubelet
	assert_inside
}

@test "the static drop-in, unedited, does the same for both services" {
	for_each_suite static_dropin_wraps
}

@test "the static drop-in starts the service even when /run is full" {
	lab_start node
	lab_sh node <<-'GUEST'
		mkdir -p /etc/systemd/system/{kubelet,crio}.service.d
		tee /etc/systemd/system/{kubelet,crio}.service.d/20-container-mount-namespace.conf \
			</usr/share/mountscope/20-container-mount-namespace.conf >/dev/null
		systemctl daemon-reload
		systemctl start container-mount-namespace
		systemctl stop kubelet crio
		rm -f /run/*-execstart.env
		dd if=/dev/zero of=/run/fill bs=64k 2>/dev/null || true
		dd if=/dev/zero of=/run/fill2 bs=1 count=4096 2>/dev/null || true
		systemctl start crio kubelet || true
		rm -f /run/fill /run/fill2
	GUEST
	assert_inside
}

@test "without a pin both services run on the host, and none changes over alone later" {
	lab_enable node
	ln -sf /dev/null "$(lab_root node)/etc/systemd/system/container-mount-namespace.service"
	lab_start node
	assert_on_host
	lab node rm /etc/systemd/system/container-mount-namespace.service
	lab node systemctl daemon-reload
	lab node systemctl start container-mount-namespace
	lab node systemctl restart kubelet
	assert_on_host
	log -u kubelet | grep 'crio.service\[[0-9]*\] runs on the host, so staying with it'
	lab node systemctl stop kubelet crio
	lab node systemctl start crio kubelet
	assert_inside
}

@test "a service whose pin was mounted over follows the other one inside" {
	lab_enable node
	lab_start node
	assert_inside
	lab node mount -t tmpfs cover /run/container-mount-namespace
	lab node mount -t tmpfs cover /run/kubens
	lab node systemctl restart kubelet
	log -u kubelet | grep 'following crio.service'
	lab node umount /run/container-mount-namespace /run/kubens
	assert_inside
}

@test "with Fail=closed neither service starts without a pin" {
	lab_enable node
	echo 'Fail=closed' >>"$(lab_root node)/etc/mountscope/encapsulation.conf"
	ln -sf /dev/null "$(lab_root node)/etc/systemd/system/container-mount-namespace.service"
	lab_start node
	[[ $(lab node systemctl show -p ActiveState --value kubelet) != active ]]
	[[ $(lab node systemctl show -p ActiveState --value crio) != active ]]
}

@test "the switch file turns it off at the next boot, its removal on again" {
	lab_enable node
	touch "$(lab_root node)/etc/mountscope/encapsulation.disabled"
	lab_start node
	assert_on_host
	[[ ! -e $(lab_root node)/run/container-mount-namespace ]]
	lab node bash -c '! mountpoint -q /run/container-mount-namespace'
	lab node rm /etc/mountscope/encapsulation.disabled
	lab_reboot node
	assert_inside
}

@test "one sandboxed service is refused loudly, both stay on the host, and the boot goes on" {
	lab_enable node
	printf '[Service]\nPrivateTmp=yes\n' >"$(lab_root node)/usr/lib/systemd/system/crio.service.d/x.conf"
	lab_start node
	lab node systemctl daemon-reload
	log -t mountscope-encap-generator | grep 'crio.service: refusing to wrap it: PrivateTmp=yes'
	[[ $(lab_ns node kubelet) == "$(lab_ns node host)" ]]
}

@test "stopping the pin's unit is refused while services run, and restores the host when they do not" {
	lab_enable node
	lab_start node
	assert_inside
	lab node systemctl stop container-mount-namespace || true
	log -u container-mount-namespace | grep 'processes live inside'
	assert_inside
	lab node systemctl stop kubelet crio
	lab node systemctl start container-mount-namespace
	lab node systemctl stop container-mount-namespace
	lab node bash -c '! grep -e container-mount-namespace -e kubens /proc/self/mountinfo'
	lab node bash -c '[[ ! -e /run/container-mount-namespace && ! -e /run/kubens ]]'
}

@test "units with After=kubens.service wait for the pin where its alias is enabled" {
	lab_enable node
	lab_start node
	lab node systemctl enable container-mount-namespace
	[[ $(lab node systemctl show -p Id --value kubens.service) == container-mount-namespace.service ]]
}

@test "shutting down is orderly: nothing of the pin fails or holds it up" {
	lab_enable node
	lab_start node
	local pid1 began=$SECONDS
	pid1=$(cat "$LAB_RUN/node/pid1")
	lab node systemctl --no-block poweroff || true
	for ((i = 0; i < 300; i++)); do [[ -d /proc/$pid1 ]] || break; sleep .1; done
	[[ ! -d /proc/$pid1 ]]
	((SECONDS - began < 25))
}

@test "the units pass systemd-analyze verify" {
	lab_start node
	run lab node systemd-analyze verify --man=no container-mount-namespace.service
	[[ $status == 0 ]]
	! grep -i container-mount-namespace <<<"$output"
}

# Everything in /etc that enabling could have touched.
etc_of_node()
{
	lab node bash -c 'cd /etc && find systemd mountscope default -printf "%p %y %m %l\n" | sort
		find systemd mountscope default -type f -exec sha256sum {} + | sort'
}

enable_to_disable()
{
	local before

	lab_mountscope node
	lab_start node
	before=$(etc_of_node)
	lab node mountscope encap enable --service kubelet --service crio
	lab node bash -c '! mountscope encap check >/run/check'
	lab node grep 'service-outside: kubelet.service' /run/check
	lab_reboot node
	assert_inside
	lab node mountscope encap status
	lab node mountscope encap check --probe
	lab node bash -c '[[ $(mountscope encap check --json) == "{\"ok\":true,"* ]]'
	lab node mountscope encap disable
	lab_reboot node
	assert_on_host
	diff <(echo "$before") <(etc_of_node)
	lab node bash -c '! mountpoint -q /run/container-mount-namespace'
}

@test "encap enable, a boot, check and its probe; encap disable and a boot restore byte for byte" {
	for_each_suite enable_to_disable
}

@test "check finds a split, a stale pin and a missing one" {
	lab_mountscope node
	lab_enable node
	lab_start node
	lab node mountscope encap check
	# kubelet again on the host, behind the wrapper's back
	lab_sh node <<-'GUEST'
		mkdir -p /run/systemd/system/kubelet.service.d
		printf '[Service]\nExecStart=\nExecStart=/usr/local/bin/fake-service kubelet\n' \
			>/run/systemd/system/kubelet.service.d/zzz.conf
		sed -i 's/^Services=.*/Services=crio.service/' /etc/mountscope/encapsulation.conf
		systemctl daemon-reload; systemctl restart kubelet
		sed -i 's/^Services=.*/Services=kubelet.service crio.service/' /etc/mountscope/encapsulation.conf
		fails mountscope encap check >/run/check
		grep '^split: kubelet.service.*host, crio.service.*inside' /run/check
		grep '^not-wrapped: kubelet.service' /run/check
		rm -r /run/systemd/system/kubelet.service.d
		systemctl daemon-reload; systemctl restart kubelet
		mountscope encap check
		mountscope encap unpin --force
		fails mountscope encap check >/run/check
		grep '^pin-missing' /run/check
		mountscope encap pin
		fails mountscope encap check >/run/check
		grep '^pin-stale: kubelet.service' /run/check
	GUEST
}

@test "with /run full when the generator writes, kubelet starts all the same, and no half drop-in is left" {
	lab_enable node
	lab_start node
	assert_inside
	lab_sh node <<-'GUEST'
		dd if=/dev/zero of=/run/fill bs=64k 2>/dev/null || true
		dd if=/dev/zero of=/run/fill2 bs=1 count=4096 2>/dev/null || true
		systemctl daemon-reload || true
		find /run/systemd/generator -name '*mountscope*' -exec grep -L '^ExecStart=/' {} + >/tmp/half
		[[ ! -s /tmp/half ]]
		[[ -z $(find /run/systemd/generator -name '.#*') ]]
		systemctl restart kubelet
		systemctl is-active kubelet
		rm -f /run/fill /run/fill2
		systemctl daemon-reload
		systemctl stop kubelet crio; systemctl start crio kubelet
	GUEST
	assert_inside
}
