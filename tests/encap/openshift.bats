#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The MachineConfigs hold exactly what the other installations have, within etcd's limits.

setup_file()
{
	cd "$BATS_TEST_DIRNAME/../.."
	export O=${O:-out}
	command -v kubectl >/dev/null || skip "kubectl (kubernetes-client) is not installed"
	python3 -c 'import yaml' 2>/dev/null || skip "python3-yaml is not installed"
	cp -r deploy/openshift "$BATS_FILE_TMPDIR/openshift"
	make -s O="$O" OPENSHIFT_OUT="$BATS_FILE_TMPDIR/openshift" deploy/openshift
}

setup()
{
	cd "$BATS_FILE_TMPDIR/openshift"
	TREE=$BATS_TEST_DIRNAME/../..
}

# Runs the python on stdin with mc = the MachineConfig that kustomize builds of $1, and files = path -> bytes.
with_machineconfig()
{
	kubectl kustomize "$1" >"$BATS_TEST_TMPDIR/mc.yaml"
	{
		cat <<-'PY'
			import base64, gzip, subprocess, sys, yaml
			docs = list(yaml.safe_load_all(open(sys.argv[1])))
			assert len(docs) == 1, docs
			mc, tree = docs[0], sys.argv[2]
			config = mc["spec"]["config"]
			units = {u["name"]: u for u in config["systemd"]["units"]}
			files = {}
			for f in config.get("storage", {}).get("files", []):
			    data = base64.b64decode(f["contents"]["source"].split("base64,", 1)[1], validate=True)
			    if f["contents"].get("compression") == "gzip":
			        data = gzip.decompress(data)
			    assert f["mode"] == 0o755, f["mode"]
			    files[f["path"]] = data
			def source(name):
			    return open(tree + "/deploy/systemd/" + name).read().replace("@BINDIR@", "/usr/local/bin")
		PY
		cat
	} >"$BATS_TEST_TMPDIR/test.py"
	python3 "$BATS_TEST_TMPDIR/test.py" "$BATS_TEST_TMPDIR/mc.yaml" "$TREE" "${@:2}"
}

for_roles()
{
	for role in worker master; do
		"$@" "$role"
	done
}

is_for_role()
{
	with_machineconfig "$1$2" <<-PY
		assert mc["apiVersion"] == "machineconfiguration.openshift.io/v1" and mc["kind"] == "MachineConfig"
		assert mc["metadata"]["labels"]["machineconfiguration.openshift.io/role"] == "$2"
		assert mc["metadata"]["name"].endswith("-$2")
		assert config["ignition"]["version"] == "3.2.0"
	PY
}

@test "each kustomization builds one MachineConfig for its role, of ignition 3.2.0" {
	for_roles is_for_role ""
	for_roles is_for_role kubens-
}

units_are_the_sources()
{
	with_machineconfig "$1" <<-'PY'
		assert set(units) == {"container-mount-namespace.service", "crio.service", "kubelet.service"}
		pin = units["container-mount-namespace.service"]
		assert pin["enabled"] is True
		assert pin["contents"] == source("container-mount-namespace.service.in")
		for s in ("crio.service", "kubelet.service"):
		    (d,) = units[s]["dropins"]
		    assert d["name"] == "20-container-mount-namespace.conf"
		    assert d["contents"] == source("20-container-mount-namespace.conf.in")
	PY
}

@test "the units and drop-ins are those of deploy/systemd, byte for byte" {
	for_roles units_are_the_sources
}

files_are_the_binary()
{
	with_machineconfig "$1" "$(realpath -m "$TREE/$O" 2>/dev/null)" <<-'PY'
		import os
		o = os.environ["O"] if os.environ["O"].startswith("/") else tree + "/" + os.environ["O"]
		assert files.pop("/usr/local/bin/kubensenter") == open(o + "/kubensenter", "rb").read()
		for path, data in files.items():
		    name = path.rsplit("/", 1)[1]
		    assert data == ("#!/usr/local/bin/kubensenter --applet=%s\n" % name).encode(), data
		assert set(files) == {"/usr/local/bin/extractExecStart", "/usr/local/bin/nsenterCms"}
	PY
}

@test "the files decode to the static binary and its two names" {
	for_roles files_are_the_binary
}

@test "each MachineConfig is far below etcd's limit of 1.5 MiB, of which the rendered one needs the sum" {
	for role in worker master kubens-worker kubens-master; do
		(($(kubectl kustomize "$role" | wc -c) < 256 * 1024))
	done
}

@test "the variant for the platform's own kubens.service only enables that" {
	for role in worker master; do
		with_machineconfig kubens-$role <<-'PY'
			assert units == {"kubens.service": {"name": "kubens.service", "enabled": True}}
			assert not files
			assert mc["metadata"]["name"] in ("99-kubens-worker", "99-kubens-master")
		PY
	done
}

@test "the two other names work as scripts that the binary interprets" {
	local o=$O

	[[ $o == /* ]] || o=$TREE/$o
	sed "s|/usr/local/bin/|$(realpath "$o")/|" >"$BATS_TEST_TMPDIR/extractExecStart" \
		<<<'#!/usr/local/bin/kubensenter --applet=extractExecStart'
	chmod 755 "$BATS_TEST_TMPDIR/extractExecStart"
	run "$BATS_TEST_TMPDIR/extractExecStart" --help
	[[ $status == 0 && $output == "Usage: extractExecStart"* ]]
	run "$BATS_TEST_TMPDIR/extractExecStart" no-such-unit
	[[ $status == 1 && $output == *"no such unit"* ]]
}
