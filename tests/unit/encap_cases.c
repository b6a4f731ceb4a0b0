// SPDX-License-Identifier: BSD-2-Clause
/* The cases of the generator. In K the wrapper as it is put in front. */
#include "encap_cases.h"

#include "base/util.h"

#define LIB "/usr/lib/systemd/system/"
#define ETC "/etc/systemd/system/"
#define RUN "/run/systemd/system/"
#define K   "/usr/bin/kubensenter --service -- "

/* clang-format off */
const struct generator_case generator_cases[] = {
	{
		.name = "a plain command is wrapped",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "arguments stay as they are",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo a  b   c\n" },
		},
		.want = K "/bin/echo a  b   c\n",
	},
	{
		.name = "blanks around the equals sign do not matter",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart = /bin/echo x\n" },
		},
		.want = K "/bin/echo x\n",
	},
	{
		.name = "blanks before the key do not matter",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "   ExecStart=/bin/echo x  \t \n" },
		},
		.want = K "/bin/echo x\n",
	},
	{
		.name = "a key of another case is another key",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "execstart=/bin/false\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "sections have case too",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[service]\n"
			  "ExecStart=/bin/false\n"
			  "[Service]\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "sections may come twice",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "[Unit]\n"
			  "Description=x\n"
			  "[Service]\n"
			  "Type=simple\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "a key of another section does not count",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Install]\n"
			  "ExecStart=/bin/false\n"
			  "[Service]\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "comments and empty lines are passed over",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "# c\n"
			  "; c\n"
			  "\n"
			  "[Service]\n"
			  "#ExecStart=/bin/false\n"
			  "  ; ExecStart=/bin/false\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "a hash inside a value is no comment",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "Type=oneshot\n"
			  "ExecStart=/bin/echo a # b ; c\n" },
		},
		.want = K "/bin/echo a # b ; " K "c\n",
	},
	{
		.name = "lines ended as in DOS are read",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\r\n"
			  "ExecStart=/bin/echo x\r\n" },
		},
		.want = K "/bin/echo x\n",
	},
	{
		.name = "a byte order mark is passed over",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "\357\273\277[Service]\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "the last line needs no newline",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "a line without an equals sign is passed over",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "nonsense\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "continuation lines are joined",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo a \\\n"
			  "  b \\\n"
			  "\tc\n" },
		},
		.want = K "/bin/echo a  b  c\n",
	},
	{
		.name = "comments between continuation lines are left out",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo a \\\n"
			  "# ignored\n"
			  "; ignored too \\\n"
			  "  b\n" },
		},
		.want = K "/bin/echo a  b\n",
	},
	{
		.name = "an empty line ends a continuation",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo a \\\n"
			  "\n"
			  "Type=simple\n" },
		},
		.want = K "/bin/echo a\n",
	},
	{
		.name = "an even number of backslashes does not continue",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo a\\\\\n"
			  "Type=simple\n" },
		},
		.want = K "/bin/echo a\\\\\n",
	},
	{
		.name = "a word may go over the line end",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo a\\\n"
			  "b\n" },
		},
		.want = K "/bin/echo a b\n",
	},
	{
		.name = "a continuation at the end of the file is still read",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo a \\" },
		},
		.want = K "/bin/echo a\n",
	},
	{
		.name = "a comment that ends in a backslash continues nothing",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "# comment \\\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "kubeadm style flags over many lines",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS \\\n"
			  "    $KUBELET_CONFIG_ARGS \\\n"
			  "    # $KUBELET_OLD_ARGS \\\n"
			  "    --hostname-override=\"%H\" \\\n"
			  "    $KUBELET_EXTRA_ARGS\n" },
		},
		.want = K "/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS  $KUBELET_CONFIG_ARGS  --hostname-override=\"%H\"  $KUBELET_EXTRA_ARGS\n",
	},
	{
		.name = "several ExecStart lines of a oneshot are all wrapped",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "Type=oneshot\n"
			  "ExecStart=/bin/echo 1\n"
			  "ExecStart=/bin/echo 2\n" },
		},
		.want = K "/bin/echo 1\n"
		K "/bin/echo 2\n",
	},
	{
		.name = "an empty assignment forgets what came before",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/false\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "an empty assignment with blanks forgets as well",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/false\n"
			  "ExecStart=   \n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "commands on one line are each wrapped",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "Type=oneshot\n"
			  "ExecStart=/bin/echo 1 ; /bin/echo 2\n" },
		},
		.want = K "/bin/echo 1 ; " K "/bin/echo 2\n",
	},
	{
		.name = "three commands with prefixes of their own",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "Type=oneshot\n"
			  "ExecStart=-/bin/false ; :/bin/echo $a ; /bin/true\n" },
		},
		.want = "-" K "/bin/false ; :" K "/bin/echo $a ; " K "/bin/true\n",
	},
	{
		.name = "an escaped semicolon is an argument",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo a \\; b\n" },
		},
		.want = K "/bin/echo a \\; b\n",
	},
	{
		.name = "a quoted semicolon is an argument",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo a \";\" b\n" },
		},
		.want = K "/bin/echo a \";\" b\n",
	},
	{
		.name = "a semicolon within a word separates nothing",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo a;b c; d\n" },
		},
		.want = K "/bin/echo a;b c; d\n",
	},
	{
		.name = "a semicolon at the end starts no further command",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "Type=oneshot\n"
			  "ExecStart=/bin/echo a ;\n" },
		},
		.want = K "/bin/echo a \n",
	},
	{
		.name = "- stays in front",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=-/bin/false\n" },
		},
		.want = "-" K "/bin/false\n",
	},
	{
		.name = "+ stays in front",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=+/bin/true\n" },
		},
		.want = "+" K "/bin/true\n",
	},
	{
		.name = "! stays in front",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=!/bin/true\n" },
		},
		.want = "!" K "/bin/true\n",
	},
	{
		.name = "!! stays in front",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=!!/bin/true\n" },
		},
		.want = "!!" K "/bin/true\n",
	},
	{
		.name = ": stays in front",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=:/bin/echo $HOME ${HOME}\n" },
		},
		.want = ":" K "/bin/echo $HOME ${HOME}\n",
	},
	{
		.name = "@ passes argv[0] on",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=@/bin/sh -sh -c true\n" },
		},
		.want = "@/usr/bin/kubensenter kubensenter --service --argv0 -- /bin/sh -sh -c true\n",
	},
	{
		.name = "prefixes combine in any order",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=-@:/bin/sh my-sh -c true\n" },
		},
		.want = "-@:/usr/bin/kubensenter kubensenter --service --argv0 -- /bin/sh my-sh -c true\n",
	},
	{
		.name = "prefixes inside quotes are prefixes",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=\"-/bin/echo\" x\n" },
		},
		.want = "-" K "/bin/echo x\n",
	},
	{
		.name = "double quotes stay",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo \"a b\" c\n" },
		},
		.want = K "/bin/echo \"a b\" c\n",
	},
	{
		.name = "single quotes stay",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo 'a \"b\"' c\n" },
		},
		.want = K "/bin/echo 'a \"b\"' c\n",
	},
	{
		.name = "quotes inside a word stay",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo --x=\"a b\"c\n" },
		},
		.want = K "/bin/echo --x=\"a b\"c\n",
	},
	{
		.name = "empty arguments stay",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo \"\" '' x\n" },
		},
		.want = K "/bin/echo \"\" '' x\n",
	},
	{
		.name = "escapes stay",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo a\\tb \\x41 \\101 \\u00e4 \\s\n" },
		},
		.want = K "/bin/echo a\\tb \\x41 \\101 \\u00e4 \\s\n",
	},
	{
		.name = "unknown escapes stay",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo a\\qb \\d+\n" },
		},
		.want = K "/bin/echo a\\qb \\d+\n",
	},
	{
		.name = "a program path with a blank is quoted again",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=\"/opt/my dir/prog\" x\n" },
		},
		.want = K "\"/opt/my dir/prog\" x\n",
	},
	{
		.name = "a program path with an escape is written decoded",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/opt/a\\x62c/prog x\n" },
		},
		.want = K "/opt/abc/prog x\n",
	},
	{
		.name = "UTF-8 stays",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo gr\303\274n \342\214\230\n" },
		},
		.want = K "/bin/echo gr\303\274n \342\214\230\n",
	},
	{
		.name = "specifiers are left to systemd",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo %n %p %i %t %%\n" },
		},
		.want = K "/bin/echo %n %p %i %t %%\n",
	},
	{
		.name = "a specifier in the program path is left to systemd",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=%t/prog x\n" },
		},
		.want = K "%t/prog x\n",
	},
	{
		.name = "variables are left to systemd",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "Environment=A=1 B=\"x y\"\n"
			  "ExecStart=/bin/echo $A ${B} $$C $B-$A\n" },
		},
		.want = K "/bin/echo $A ${B} $$C $B-$A\n",
	},
	{
		.name = "a dollar in the program path, where systemd expands nothing, is doubled",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/opt/a$b/prog $b\n" },
		},
		.want = K "/opt/a$$b/prog $b\n",
	},
	{
		.name = "a program without a slash is left to the wrapper to find",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=sleep 5\n" },
		},
		.want = K "sleep 5\n",
	},
	{
		.name = "a drop-in that resets counts",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/false\n" },
			{ ETC "a.service.d/10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "drop-ins apply in the order of their names, whatever their directory",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/false\n" },
			{ LIB "a.service.d/90-late.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo late\n" },
			{ ETC "a.service.d/10-early.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo early\n" },
		},
		.want = K "/bin/echo late\n",
	},
	{
		.name = "a drop-in in /etc hides its namesake below",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n" },
			{ LIB "a.service.d/10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo lib\n" },
			{ RUN "a.service.d/10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo run\n" },
			{ ETC "a.service.d/10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo etc\n" },
		},
		.want = K "/bin/echo etc\n",
	},
	{
		.name = "a drop-in in /run hides its namesake in /usr/lib",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n" },
			{ LIB "a.service.d/10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo lib\n" },
			{ RUN "a.service.d/10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo run\n" },
		},
		.want = K "/bin/echo run\n",
	},
	{
		.name = "a drop-in masked by a link to /dev/null does not count",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n" },
			{ LIB "a.service.d/10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo lib\n" },
			{ ETC "a.service.d/10-x.conf",
			  "->/dev/null" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "a drop-in of service.d counts for every service",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/false\n" },
			{ ETC "service.d/50-all.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "a drop-in for the prefix counts",
		.unit = "a-b-c.service",
		.files = {
			{ LIB "a-b-c.service",
			  "[Service]\n"
			  "ExecStart=/bin/false\n" },
			{ ETC "a-.service.d/10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "the more specific prefix hides the namesake of the more general one",
		.unit = "a-b-c.service",
		.files = {
			{ LIB "a-b-c.service",
			  "[Service]\n"
			  "ExecStart=/bin/false\n" },
			{ ETC "a-.service.d/10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo a\n" },
			{ ETC "a-b-.service.d/10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo ab\n" },
		},
		.want = K "/bin/echo ab\n",
	},
	{
		.name = "hidden files and other suffixes are no drop-ins",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n" },
			{ ETC "a.service.d/.10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/false\n" },
			{ ETC "a.service.d/10-x.conf.bak",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/false\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "a drop-in may be a link",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/false\n" },
			{ "/etc/real.txt",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/true\n" },
			{ ETC "a.service.d/10-x.conf",
			  "->/etc/real.txt" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "the unit file in /etc hides that in /usr/lib",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/false\n" },
			{ ETC "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "a broken section header in a drop-in ends that drop-in only",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n" },
			{ ETC "a.service.d/10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo before\n"
			  "[Broken\n"
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo after\n" },
		},
		.want = K "/bin/echo before\n",
	},
	{
		.name = "what follows broken UTF-8 in a drop-in is not read",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n" },
			{ ETC "a.service.d/10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo before\n"
			  "Environment=A=\377\n"
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo after\n" },
		},
		.want = K "/bin/echo before\n",
	},
	{
		.name = "drop-ins of an alias count",
		.unit = "real.service",
		.files = {
			{ LIB "real.service",
			  "[Service]\n"
			  "ExecStart=/bin/false\n" },
			{ ETC "other.service",
			  "->" LIB "real.service" },
			{ ETC "other.service.d/10-x.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "an instance takes its template",
		.unit = "t@one.service",
		.files = {
			{ LIB "t@.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo %i\n" },
		},
		.want = K "/bin/echo %i\n",
	},
	{
		.name = "drop-ins of the instance and of its template count",
		.unit = "t@one.service",
		.files = {
			{ LIB "t@.service",
			  "[Service]\n"
			  "ExecStart=/bin/false\n" },
			{ ETC "t@.service.d/10-a.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo tmpl\n" },
			{ ETC "t@one.service.d/20-b.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/echo inst\n" },
		},
		.want = K "/bin/echo inst\n",
	},
	{
		.name = "a drop-in that sorts behind ours makes ours sort behind it",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/false\n" },
			{ ETC "a.service.d/zzz-last.conf",
			  "[Service]\n"
			  "ExecStart=\n"
			  "ExecStart=/bin/true\n" },
		},
		.want = K "/bin/true\n",
		.file = "zzz-last.conf.zz-mountscope-encapsulation.conf",
	},
	{
		.name = "a masked unit is left alone",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n" },
			{ ETC "a.service",
			  "->/dev/null" },
		},
		.refused = "masked",
	},
	{
		.name = "a unit that does not exist is left alone",
		.unit = "a.service",
		.files = {
			{ "/etc/x",
			  "" },
		},
		.refused = "no such unit",
	},
	{
		.name = "a service without ExecStart is refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "Type=oneshot\n"
			  "RemainAfterExit=yes\n" },
		},
		.refused = "no ExecStart",
	},
	{
		.name = "open quotes are refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/echo \"a b\n" },
		},
		.refused = "quotes",
	},
	{
		.name = "a relative path is refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=bin/echo a\n" },
		},
		.refused = "relative",
	},
	{
		.name = "@ without argv[0] is refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=@/bin/sh\n" },
		},
		.refused = "argv[0]",
	},
	{
		.name = "prefix | is refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=|/bin/echo a\n" },
		},
		.refused = "login shell",
	},
	{
		.name = "what enters by itself is left alone",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/usr/local/bin/kubensenter /usr/bin/kubelet\n" },
		},
		.refused = "by itself",
	},
	{
		.name = "a broken unit file is refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service\n"
			  "ExecStart=/bin/true\n" },
		},
		.refused = "not valid",
	},
	{
		.name = "PrivateTmp is refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "PrivateTmp=yes\n" },
		},
		.refused = "PrivateTmp=yes",
	},
	{
		.name = "PrivateTmp taken back by a drop-in is fine",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "PrivateTmp=yes\n" },
			{ ETC "a.service.d/x.conf",
			  "[Service]\n"
			  "PrivateTmp=no\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "ProtectSystem is refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "ProtectSystem=full\n" },
		},
		.refused = "ProtectSystem=full",
	},
	{
		.name = "ProtectProc=default asks for nothing",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "ProtectProc=default\n"
			  "ProcSubset=all\n"
			  "MountFlags=shared\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "ReadOnlyPaths is refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "ReadOnlyPaths=/etc\n" },
		},
		.refused = "ReadOnlyPaths=/etc",
	},
	{
		.name = "a list emptied again is fine",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "ReadOnlyPaths=/etc\n"
			  "ReadOnlyPaths=\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "MountFlags=slave is refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "MountFlags=slave\n" },
		},
		.refused = "MountFlags=slave",
	},
	{
		.name = "another user is refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "User=nobody\n" },
		},
		.refused = "User=nobody",
	},
	{
		.name = "another user is fine with +",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=+/bin/true\n"
			  "User=nobody\n" },
		},
		.want = "+" K "/bin/true\n",
	},
	{
		.name = "User=root is fine",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "User=root\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "a bounding set without CAP_SYS_ADMIN is refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "CapabilityBoundingSet=CAP_NET_ADMIN CAP_SYS_CHROOT\n" },
		},
		.refused = "CAP_SYS_ADMIN",
	},
	{
		.name = "a bounding set with what it takes is fine",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "CapabilityBoundingSet=CAP_NET_ADMIN\n"
			  "CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_CHROOT\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "a bounding set with only others taken out is fine",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "CapabilityBoundingSet=~CAP_NET_RAW\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "RestrictNamespaces is refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "RestrictNamespaces=yes\n" },
		},
		.refused = "RestrictNamespaces=yes",
	},
	{
		.name = "RestrictNamespaces that allows mnt is fine",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "RestrictNamespaces=mnt net\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "a system call filter that allows @system-service is fine",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "SystemCallFilter=@system-service @mount\n" },
		},
		.want = K "/bin/true\n",
	},
	{
		.name = "a system call filter without setns is refused",
		.unit = "a.service",
		.files = {
			{ LIB "a.service",
			  "[Service]\n"
			  "ExecStart=/bin/true\n"
			  "SystemCallFilter=@basic-io\n" },
		},
		.refused = "SystemCallFilter",
	},
};
/* clang-format on */

const size_t n_generator_cases = ARRAY_SIZE(generator_cases);
