package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// A snapshot of etcd, as k3s names it: NAME-NODE-SECONDS.
type snapshot struct {
	name, path string
	size       int64
	created    time.Time
}

func runSnapshot(arguments []string) error {
	command := "save"
	if len(arguments) > 0 && !strings.HasPrefix(arguments[0], "-") {
		command, arguments = arguments[0], arguments[1:]
	}
	o, err := parseOptions(snapFlags, arguments)
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	data := filepath.Join(o.text("data-dir", defaultData), "server")
	folder := o.text("etcd-snapshot-dir", filepath.Join(data, "db", "snapshots"))
	switch command {
	case "save":
		if len(o.rest) > 0 {
			return errors.New("this command does not take any arguments")
		}
		node := strings.ToLower(o.text("node-name", host))
		return saveSnapshot(data, folder, fmt.Sprintf("%s-%s-%d", o.text("name", "on-demand"), node, time.Now().Unix()))
	case "ls", "list", "l":
		return listSnapshots(folder)
	case "delete":
		if len(o.rest) == 0 {
			return errors.New("no snapshots given for removal")
		}
		for _, name := range o.rest {
			if err := os.Remove(filepath.Join(folder, filepath.Base(name))); err != nil {
				return fmt.Errorf("snapshot %s not found", name)
			}
			info("Snapshot %s deleted.", name)
		}
		return nil
	case "prune":
		keep, err := strconv.Atoi(o.text("snapshot-retention", "5"))
		if err != nil {
			return err
		}
		return pruneSnapshots(folder, o.text("name", "on-demand"), keep)
	}
	return fmt.Errorf("the lab's stand-in for k3s does not know etcd-snapshot %q", command)
}

func saveSnapshot(data, folder, name string) error {
	if !exists(filepath.Join(data, "db", "etcd", "member", "wal")) {
		return fmt.Errorf("etcd database not found in %s", data)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	path := filepath.Join(folder, name)
	info("Saving etcd snapshot to %s", path)
	tls := filepath.Join(data, "tls", "etcd")
	if err := etcdctl("--endpoints="+localEtcd, "--cacert="+tls+"/server-ca.crt", "--cert="+tls+"/client.crt",
		"--key="+tls+"/client.key", "snapshot", "save", path); err != nil {
		return fmt.Errorf("failed to take etcd snapshot: %w", err)
	}
	info("Snapshot %s saved.", name)
	return nil
}

// etcdctl runs it; of a failure it gives the last line.
func etcdctl(arguments ...string) error {
	command := exec.Command(program("etcdctl"), arguments...)
	command.Env = append(os.Environ(), "ETCDCTL_API=3")
	output, err := command.CombinedOutput()
	if err == nil {
		return nil
	}
	lines := bytes.Split(bytes.TrimSpace(output), []byte("\n"))
	return errors.New(string(lines[len(lines)-1]))
}

func snapshots(folder string) (result []snapshot) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		name := entry.Name()
		if about, err := entry.Info(); err == nil && !entry.IsDir() && !strings.HasSuffix(name, ".part") {
			result = append(result, snapshot{name, filepath.Join(folder, name), about.Size(), about.ModTime()})
		}
	}
	return result
}

func listSnapshots(folder string) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	defer table.Flush()
	fmt.Fprint(table, "Name\tLocation\tSize\tCreated\n")
	for _, each := range snapshots(folder) {
		created := each.created.Format(time.RFC3339)
		fmt.Fprintf(table, "%s\tfile://%s\t%d\t%s\n", each.name, each.path, each.size, created)
	}
	return nil
}

func pruneSnapshots(folder, name string, keep int) error {
	matching := []snapshot{}
	for _, each := range snapshots(folder) {
		if strings.HasPrefix(each.name, name+"-") {
			matching = append(matching, each)
		}
	}
	sort.Slice(matching, func(i, j int) bool { return matching[i].created.After(matching[j].created) })
	for i := keep; i < len(matching); i++ {
		info("Removing local snapshot %s", matching[i].path)
		if err := os.Remove(matching[i].path); err != nil {
			return err
		}
	}
	return nil
}
