package main

import (
	"fmt"
	"os"
	"strings"
)

// A flag of k3s's command line: its kind, and the environment variable that is its default.
type flag struct {
	kind        flagKind
	environment string
}

type flagKind int

const (
	text flagKind = iota
	list
	toggle
)

// The flags of k3s v1.28, as name[,alias][=ENVIRONMENT]. Those that mean nothing here are taken all the same: a
// configuration for the real k3s is one for the stand-in.
const (
	agentTexts = `token,t=K3S_TOKEN token-file=K3S_TOKEN_FILE server,s=K3S_URL data-dir,d node-name=K3S_NODE_NAME
		lb-server-port=K3S_LB_SERVER_PORT container-runtime-endpoint private-registry pause-image snapshotter
		flannel-iface flannel-conf flannel-cni-conf vpn-auth=K3S_VPN_AUTH vpn-auth-file=K3S_VPN_AUTH_FILE
		resolv-conf=K3S_RESOLV_CONF image-credential-provider-bin-dir image-credential-provider-config
		config,c=K3S_CONFIG_FILE log,l v vmodule default-runtime image-service-endpoint`
	agentLists   = `node-ip,i node-external-ip node-label node-taint kubelet-arg kube-proxy-arg airgap-extra-registry`
	agentToggles = `with-node-id selinux=K3S_SELINUX protect-kernel-defaults docker rootless prefer-bundled-bin
		debug=K3S_DEBUG alsologtostderr disable-default-registry-endpoint enable-pprof`

	serverTexts = `bind-address https-listen-port advertise-address advertise-port service-node-port-range
		cluster-domain flannel-backend egress-selector-mode servicelb-namespace
		write-kubeconfig,o=K3S_KUBECONFIG_OUTPUT write-kubeconfig-mode=K3S_KUBECONFIG_MODE
		write-kubeconfig-group=K3S_KUBECONFIG_GROUP helm-job-image agent-token=K3S_AGENT_TOKEN
		agent-token-file=K3S_AGENT_TOKEN_FILE cluster-reset-restore-path datastore-endpoint=K3S_DATASTORE_ENDPOINT
		datastore-cafile=K3S_DATASTORE_CAFILE datastore-certfile=K3S_DATASTORE_CERTFILE
		datastore-keyfile=K3S_DATASTORE_KEYFILE etcd-snapshot-name etcd-snapshot-schedule-cron
		etcd-snapshot-retention etcd-snapshot-dir etcd-s3-endpoint etcd-s3-endpoint-ca etcd-s3-access-key
		etcd-s3-secret-key etcd-s3-bucket etcd-s3-region etcd-s3-folder etcd-s3-timeout
		default-local-storage-path system-default-registry kine-tls`
	serverLists = `tls-san cluster-cidr service-cidr cluster-dns kube-apiserver-arg etcd-arg kube-scheduler-arg
		kube-controller-manager-arg kube-cloud-controller-manager-arg disable`
	serverToggles = `cluster-init=K3S_CLUSTER_INIT cluster-reset=K3S_CLUSTER_RESET secrets-encryption
		tls-san-security flannel-ipv6-masq flannel-external-ip etcd-expose-metrics etcd-disable-snapshots
		etcd-snapshot-compress etcd-s3 etcd-s3-skip-ssl-verify etcd-s3-insecure disable-scheduler
		disable-cloud-controller disable-kube-proxy disable-network-policy disable-helm-controller
		disable-apiserver disable-controller-manager disable-etcd disable-agent embedded-registry
		supervisor-metrics`

	snapshotTexts = `data-dir,d node-name=K3S_NODE_NAME config,c=K3S_CONFIG_FILE name etcd-snapshot-dir,dir output,o
		snapshot-retention log,l v`
	snapshotToggles = `etcd-s3 debug=K3S_DEBUG snapshot-compress`
)

// A command's flags by every name they go by; an alias leads to the flag's first name.
type flagTable struct {
	flags   map[string]flag
	aliases map[string]string
	// strict: a configuration file's key that is no flag is an error. Otherwise it is skipped.
	strict bool
}

func flagsOf(texts, lists, toggles string) flagTable {
	table := flagTable{flags: map[string]flag{}, aliases: map[string]string{}}
	for kind, words := range map[flagKind]string{text: texts, list: lists, toggle: toggles} {
		for _, word := range strings.Fields(words) {
			names, environment, _ := strings.Cut(word, "=")
			first, alias, _ := strings.Cut(names, ",")
			table.flags[first] = flag{kind, environment}
			table.aliases[first] = first
			if alias != "" {
				table.aliases[alias] = first
			}
		}
	}
	return table
}

var (
	serverFlags = flagsOf(agentTexts+" "+serverTexts, agentLists+" "+serverLists, agentToggles+" "+serverToggles)
	agentFlags  = flagsOf(agentTexts, agentLists, agentToggles)
	snapFlags   = flagsOf(snapshotTexts, "", snapshotToggles)
)

func init() { agentFlags.strict = true }

// options are what the configuration files, the environment and the command line say together.
type options struct {
	values map[string][]string
	// arguments is the command line as it would read without configuration files.
	arguments []string
	// rest is what is no flag.
	rest []string
}

// parseOptions reads as k3s does: a configuration file's keys stand before the command line's flags; of a plain flag
// the last one counts, of a list all do; the environment is only asked for what neither says.
func parseOptions(table flagTable, arguments []string) (options, error) {
	fromFiles, err := configArguments(table, configPath(arguments))
	if err != nil {
		return options{}, err
	}
	result := options{values: map[string][]string{}, arguments: append(fromFiles, arguments...)}
	for i := 0; i < len(result.arguments); i++ {
		argument := result.arguments[i]
		if !strings.HasPrefix(argument, "-") || argument == "-" {
			result.rest = append(result.rest, argument)
			continue
		}
		given, value, hasValue := strings.Cut(strings.TrimLeft(argument, "-"), "=")
		name, known := table.aliases[given]
		if !known {
			return result, fmt.Errorf("flag provided but not defined: -%s", given)
		}
		kind := table.flags[name].kind
		if !hasValue && kind == toggle {
			value = "true"
		} else if !hasValue {
			if i++; i == len(result.arguments) {
				return result, fmt.Errorf("flag needs an argument: -%s", given)
			}
			value = result.arguments[i]
		}
		if kind == toggle && value != "true" && value != "false" && value != "1" && value != "0" {
			return result, fmt.Errorf("invalid boolean value %q for -%s", value, given)
		}
		if kind != list {
			result.values[name] = nil
		}
		result.values[name] = append(result.values[name], value)
	}
	for name, flag := range table.flags {
		if value := os.Getenv(flag.environment); flag.environment != "" && value != "" && result.values[name] == nil {
			result.values[name] = []string{value}
		}
	}
	return result, nil
}

// text is a plain flag's value, or what stands for it.
func (o options) text(name, otherwise string) string {
	if values := o.values[name]; len(values) > 0 && values[len(values)-1] != "" {
		return values[len(values)-1]
	}
	return otherwise
}

// list is all values of a flag; those with commas in them are several.
func (o options) list(name string) (result []string) {
	for _, value := range o.values[name] {
		for _, part := range strings.Split(value, ",") {
			if part = strings.TrimSpace(part); part != "" {
				result = append(result, part)
			}
		}
	}
	return result
}

func (o options) on(name string) bool {
	value := o.text(name, "false")
	return value == "true" || value == "1"
}

// file is a flag's value or, where NAME-file is given, that file's content.
func (o options) file(name string) (string, error) {
	path := o.text(name+"-file", "")
	if path == "" {
		return o.text(name, ""), nil
	}
	content, err := os.ReadFile(path)
	return strings.TrimSpace(string(content)), err
}
