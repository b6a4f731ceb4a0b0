# SPDX-License-Identifier: BSD-2-Clause
# Counts the TAP of one program and prints its failures, in full.
#
# Variables: name, status (how the program exited), log_file, counts and skips (files to write to).
# A file may hold several plans (cmocka prints one a group); they add up. What a plan promised and
# did not come is failed; so is a program without a plan, or one that exits badly with all passed.

function problem(text)
{
	failed++
	died = 1
	print "    FAILED " name ": " text
}

function note_skip(text)
{
	skipped++
	print "  " name ": " text >>skips
}

{
	sub(/\r$/, "")
	line[++lines] = $0
}

/^1\.\.[0-9]+/ {
	plans++
	planned += substr($1, 4) + 0
	if ($1 == "1..0") {
		sub(/^1\.\.0[ \t#]*/, "")
		note_skip("everything: " $0)
	}
	showing = 0
	next
}

/^(not )?ok( |$)/ {
	seen++
	low = tolower($0)
	bad = /^not /
	showing = 0
	if (low ~ /# *(skip|todo)/) {
		sub(/^(not )?ok *[0-9]* *(- *)?/, "")
		note_skip($0)
	} else if (bad) {
		failed++
		showing = 1
		print "    " $0
	} else {
		passed++
	}
	next
}

/^Bail out!/ {
	problem($0)
	next
}

showing {
	print "    " $0
}

END {
	if (status == 124 || status == 137)
		problem("ran out of time")
	if (plans == 0) {
		problem("ended with status " status " and no plan")
	} else if (seen < planned) {
		problem((planned - seen) " of " planned " tests did not report; exit status " status)
		failed += planned - seen - 1
	} else if (seen > planned) {
		problem(seen " tests reported, " planned " were planned")
	}
	if (status != 0 && failed == 0)
		problem("exit status " status " with all tests passed")
	if (died) {
		first = lines > 200 ? lines - 199 : 1
		print "    --- " (first > 1 ? "end of " : "") log_file
		for (i = first; i <= lines; i++)
			print "    " line[i]
		print "    ---"
	}
	print passed + 0, failed + 0, skipped + 0 >counts
}
