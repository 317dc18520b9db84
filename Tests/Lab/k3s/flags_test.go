package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What files, the environment (of the token) and the command line say together, as k3s reads them; values are joined
// by a bar.
func TestOptions(t *testing.T) {
	const drop = "config.yaml.d/"
	for name, test := range map[string]struct {
		files                          map[string]string
		token, arguments, asked, wants string
	}{
		"a list in block style":           {one("tls-san:\n  - a\n  - \"b c\" # no\n"), "", "", "tls-san", "a|b c"},
		"a list without indentation":      {one("tls-san:\n- a\n- 'it''s'\nserver: x\n"), "", "", "tls-san", "a|it's"},
		"a list in flow style":            {one(`disable: [a, "b, c", 'd']`), "", "", "disable", "a|b, c|d"},
		"an empty list":                   {one("disable: []\n"), "", "", "disable", ""},
		"a plain 0644 is a number":        {one("etcd-snapshot-name: 0644\n"), "", "", "etcd-snapshot-name", "420"},
		"a quoted one is none":            {one(`etcd-snapshot-name: "0644"`), "", "", "etcd-snapshot-name", "0644"},
		"a word that is true":             {one("cluster-init: yes\n"), "", "", "cluster-init", "true"},
		"a later file replaces":           {two("debug: on", drop+"9.yaml", "debug: off"), "", "", "debug", "false"},
		"a later file adds":               {two("disable: a", drop+"9.yml", "disable+: [b]"), "", "", "disable", "a|b"},
		"other files are none":            {two("token: a\n", drop+"9.txt", "token: b\n"), "", "", "token", "a"},
		"the command line's value counts": {one("token: a\n"), "", "--token b", "token", "b"},
		"the command line adds to a list": {one("tls-san: a\n"), "", "--tls-san=b", "tls-san", "a|b"},
		"an alias":                        {nil, "", "-t b", "token", "b"},
		"a flag that is on":               {nil, "", "--cluster-init --token=x", "cluster-init", "true"},
		"the environment":                 {nil, "e", "", "token", "e"},
		"a file goes above it":            {one("token: a\n"), "e", "", "token", "a"},
		"what is no flag is skipped":      {one("nonsense: 1\ntoken: a\n"), "", "", "token", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("K3S_TOKEN", test.token)
			o, err := parse(t, serverFlags, test.files, strings.Fields(test.arguments))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(o.values[test.asked], "|"); got != test.wants {
				t.Errorf("got %q, want %q", got, test.wants)
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	for name, test := range map[string]struct {
		table                    flagTable
		content, argument, wants string
	}{
		"an unknown flag":               {serverFlags, "", "--no", "flag provided but not defined: -no"},
		"a server's key for an agent":   {agentFlags, "tls-san: a\n", "", "flag provided but not defined: -tls-san"},
		"a flag without its value":      {serverFlags, "", "--token", "flag needs an argument: -token"},
		"a switch that is neither":      {serverFlags, "", "--debug=no", `invalid boolean value "no" for -debug`},
		"a line that is no YAML":        {serverFlags, "token: a\nno\n", "", "line 2: could not find expected ':'"},
		"an item that belongs to none":  {serverFlags, "token: a\n- b\n", "", "line 2: did not find expected key"},
		"a list that does not end":      {serverFlags, "disable: [a, b\n", "", "did not find expected ',' or ']'"},
		"a quoted text without its end": {serverFlags, "token: \"a\n", "", "end of stream in a quoted scalar"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(t, test.table, one(test.content), strings.Fields(test.argument))
			if err == nil {
				t.Fatal("no mistake was found")
			}
			if got := err.Error(); !strings.HasSuffix(got, test.wants) {
				t.Errorf("got %q, want %q", got, test.wants)
			}
		})
	}
}

func one(content string) map[string]string { return map[string]string{"config.yaml": content} }

func two(content, name, more string) map[string]string {
	return map[string]string{"config.yaml": content, name: more}
}

func parse(t *testing.T, table flagTable, files map[string]string, arguments []string) (options, error) {
	folder := t.TempDir()
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("K3S_CONFIG_FILE", filepath.Join(folder, "config.yaml"))
	return parseOptions(table, arguments)
}
