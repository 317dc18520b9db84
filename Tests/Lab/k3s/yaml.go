package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// configPath is where the configuration is: in the environment, on the command line, or in its usual place.
func configPath(arguments []string) string {
	if path := os.Getenv("K3S_CONFIG_FILE"); path != "" {
		return path
	}
	for i, argument := range arguments {
		name, value, hasValue := strings.Cut(argument, "=")
		if name == "--config" || name == "-c" {
			if !hasValue && i+1 < len(arguments) {
				value = arguments[i+1]
			}
			return value
		}
	}
	return "/etc/rancher/k3s/config.yaml"
}

// configArguments is a configuration file, and those of PATH.d in the order of their names, as --key=value arguments:
// a later file's key replaces an earlier one's, `key+` adds to it.
func configArguments(table flagTable, path string) (result []string, err error) {
	files := []string{}
	if _, err := os.Stat(path); err == nil {
		files = append(files, path)
	}
	entries, _ := os.ReadDir(path + ".d")
	for _, entry := range entries {
		suffix := strings.ToLower(filepath.Ext(entry.Name()))
		if !entry.IsDir() && (suffix == ".yaml" || suffix == ".yml") {
			files = append(files, filepath.Join(path+".d", entry.Name()))
		}
	}
	sort.Strings(files[min(1, len(files)):])
	order, values := []string{}, map[string][]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		pairs, err := parseYAML(string(content))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, pair := range pairs {
			key := strings.TrimSuffix(pair.key, "+")
			if _, seen := values[key]; !seen {
				order = append(order, key)
			} else if key != pair.key {
				pair.values = append(values[key], pair.values...)
			}
			values[key] = pair.values
		}
	}
	for _, key := range order {
		if _, known := table.aliases[key]; !known && !table.strict {
			logf("warning", "Unknown flag --%s found in config.yaml, skipping\n", key)
			continue
		}
		for _, value := range values[key] {
			result = append(result, "--"+key+"="+value)
		}
	}
	return result, nil
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

type yamlPair struct {
	key    string
	values []string
	// open: a key with nothing behind it, which list items may follow.
	open bool
}

var yamlKey = regexp.MustCompile(`^("[^"]*"|'[^']*'|[A-Za-z0-9_.+-]+)\s*:(\s+|$)`)

// parseYAML reads what k3s's configuration is made of: a map of scalars and of lists of scalars, in block or flow
// style.
func parseYAML(content string) (pairs []yamlPair, err error) {
	lines := strings.Split(content, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], " \t\r")
		bare := strings.TrimSpace(line)
		if bare == "" || strings.HasPrefix(bare, "#") || bare == "---" || bare == "..." || bare == "{}" {
			continue
		}
		fail := func(what string) error { return fmt.Errorf("yaml: line %d: %s", i+1, what) }
		if strings.HasPrefix(bare, "- ") || bare == "-" {
			if len(pairs) == 0 || !pairs[len(pairs)-1].open {
				return nil, fail("did not find expected key")
			}
			value, err := yamlScalar(strings.TrimSpace(bare[1:]))
			if err != nil {
				return nil, fail(err.Error())
			}
			last := &pairs[len(pairs)-1]
			last.values = append(last.values, value)
			continue
		}
		match := yamlKey.FindStringSubmatch(line)
		if match == nil {
			return nil, fail("could not find expected ':'")
		}
		key := strings.Trim(match[1], `"'`)
		value := strings.TrimSpace(line[len(match[0]):])
		switch {
		case value == "" || strings.HasPrefix(value, "#"):
			pairs = append(pairs, yamlPair{key: key, open: true})
		case value[0] == '|' || value[0] == '>':
			block := []string{}
			for i+1 < len(lines) && (strings.HasPrefix(lines[i+1], " ") || strings.TrimSpace(lines[i+1]) == "") {
				i++
				block = append(block, strings.TrimSpace(lines[i]))
			}
			joined := strings.Join(block, map[byte]string{'|': "\n", '>': " "}[value[0]])
			pairs = append(pairs, yamlPair{key: key, values: []string{strings.TrimSpace(joined)}})
		case value[0] == '[':
			values, err := yamlFlow(value)
			if err != nil {
				return nil, fail(err.Error())
			}
			pairs = append(pairs, yamlPair{key: key, values: values})
		default:
			scalar, err := yamlScalar(value)
			if err != nil {
				return nil, fail(err.Error())
			}
			pairs = append(pairs, yamlPair{key: key, values: []string{scalar}})
		}
	}
	return pairs, nil
}

var yamlItem = regexp.MustCompile(`^("(\\.|[^"\\])*"|'([^']|'')*'|[^,\]]*)\s*,?\s*`)

func yamlFlow(value string) (values []string, err error) {
	values = []string{}
	inside := strings.TrimSpace(value[1:])
	for inside != "" && inside[0] != ']' {
		item := yamlItem.FindStringSubmatch(inside)
		scalar, err := yamlScalar(strings.TrimSpace(item[1]))
		if err != nil {
			return nil, err
		}
		values = append(values, scalar)
		inside = inside[len(item[0]):]
	}
	if inside == "" {
		return nil, fmt.Errorf("did not find expected ',' or ']'")
	}
	return values, nil
}

var yamlOctal = regexp.MustCompile(`^0[0-7]+$`)

// yamlScalar is a scalar as k3s gets it after YAML 1.1 has given it a type: a plain 0644 becomes 420, yes becomes true.
func yamlScalar(value string) (string, error) {
	switch {
	case strings.HasPrefix(value, `"`):
		quoted := regexp.MustCompile(`^"(\\.|[^"\\])*"`).FindString(value)
		if text, err := strconv.Unquote(strings.ReplaceAll(quoted, `\/`, "/")); err == nil {
			return text, nil
		}
		return "", fmt.Errorf("found unexpected end of stream in a quoted scalar")
	case strings.HasPrefix(value, "'"):
		quoted := regexp.MustCompile(`^'([^']|'')*'`).FindString(value)
		if quoted == "" {
			return "", fmt.Errorf("found unexpected end of stream in a quoted scalar")
		}
		return strings.ReplaceAll(quoted[1:len(quoted)-1], "''", "'"), nil
	}
	if comment := strings.Index(value, " #"); comment >= 0 {
		value = strings.TrimSpace(value[:comment])
	}
	if yamlKey.MatchString(value) || strings.HasPrefix(value, "{") {
		return "", fmt.Errorf("the lab's stand-in knows maps of scalars and of lists only: %s", value)
	}
	if yamlOctal.MatchString(value) {
		number, err := strconv.ParseInt(value, 8, 64)
		return strconv.FormatInt(number, 10), err
	}
	switch strings.ToLower(value) {
	case "yes", "on":
		return "true", nil
	case "no", "off":
		return "false", nil
	case "true", "false":
		return strings.ToLower(value), nil
	case "~", "null":
		return "", nil
	}
	return value, nil
}
