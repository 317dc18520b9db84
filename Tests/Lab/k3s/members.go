package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// join adds this server to the cluster, as a member that has no vote until it has caught up, and starts it. A join that
// was interrupted goes on: the member that has our address and no name yet is us.
func (e *etcd) join(cluster *clusterClient, node string) error {
	if err := e.connect(); err != nil {
		return err
	}
	known, err := cluster.etcdMembers()
	if err != nil {
		return err
	}
	members := struct{ Members []etcdMember }{}
	var endpoint string
	for _, url := range otherClients(known, e.address) {
		if err = e.call(url, "cluster/member/list", nil, &members); err == nil {
			endpoint = url
			break
		}
	}
	if endpoint == "" {
		return fmt.Errorf("no member of the etcd cluster answers: %v", err)
	}
	add, others := true, []string{}
	for _, each := range members.Members {
		if len(each.PeerURLs) == 0 {
			continue
		}
		peer, err := url.Parse(each.PeerURLs[0])
		if err != nil {
			return err
		}
		if each.Name == "" && peer.Hostname() == e.address {
			each.Name = e.name
		}
		if each.Name == e.name && peer.Hostname() == e.address {
			add = false
		} else if hyphen := strings.LastIndex(each.Name, "-"); hyphen > 0 && each.Name[:hyphen] == node {
			os.Remove(filepath.Join(e.folder, "name"))
			return errors.New("duplicate node name found, please use a unique name for this node")
		}
		others = append(others, each.Name+"="+each.PeerURLs[0])
	}
	if add {
		info("Adding member %s=%s to etcd cluster %v", e.name, e.peerURL(), others)
		request := map[string]any{"peerURLs": []string{e.peerURL()}, "isLearner": true}
		if err := e.call(endpoint, "cluster/member/add", request, nil); err != nil {
			return err
		}
		others = append(others, e.name+"="+e.peerURL())
	}
	info("Starting etcd to join cluster with members %v", others)
	e.patience = patience
	return e.start("--initial-advertise-peer-urls="+e.peerURL(), "--initial-cluster="+strings.Join(others, ","),
		"--initial-cluster-state=existing")
}

// etcdMembers are those that the server knows.
func (c *clusterClient) etcdMembers() ([]etcdMember, error) {
	content, err := c.get("/db/info")
	if err != nil {
		return nil, err
	}
	known := struct{ Members []etcdMember }{}
	err = json.Unmarshal(content, &known)
	return known.Members, err
}

// otherClients are the addresses for clients of the members with a vote, this machine's left out.
func otherClients(members []etcdMember, own string) (result []string) {
	for _, each := range members {
		for _, address := range each.ClientURLs {
			if parsed, err := url.Parse(address); err == nil && parsed.Hostname() != own && !each.IsLearner {
				result = append(result, address)
			}
		}
	}
	return result
}

type etcdMember struct {
	ID         string
	Name       string   `json:"name"`
	PeerURLs   []string `json:"peerURLs"`
	ClientURLs []string `json:"clientURLs"`
	IsLearner  bool     `json:"isLearner"`
}

func (e *etcd) members() ([]etcdMember, error) {
	found := struct{ Members []etcdMember }{}
	err := e.call(localEtcd, "cluster/member/list", nil, &found)
	return found.Members, err
}

// learnerPatience is how long a member may take to catch up.
const learnerPatience = 5 * time.Minute

// manageLearners, on the server that leads, gives members their vote when they have caught up, and takes those out that
// never do: nobody else could join.
func (e *etcd) manageLearners() {
	since := map[string]time.Time{}
	for ; ; time.Sleep(15 * time.Second) {
		members, err := e.members()
		if err != nil || !e.leads() {
			continue
		}
		for _, each := range members {
			if !each.IsLearner {
				continue
			}
			if _, known := since[each.ID]; !known {
				since[each.ID] = time.Now()
			}
			if e.change("promote", each.ID) == nil {
				info("Promoted learner %s", each.Name)
			} else if time.Since(since[each.ID]) > learnerPatience && e.change("remove", each.ID) == nil {
				logf("warning", "Removed learner %s from etcd cluster", each.Name)
			}
		}
	}
}

// change promotes or removes a member.
func (e *etcd) change(what, member string) error {
	return e.call(localEtcd, "cluster/member/"+what, map[string]any{"ID": member}, nil)
}

// removeMember takes a member out; one that is not there is no error.
func (e *etcd) removeMember(name, address string) error {
	members, err := e.members()
	if err != nil {
		return err
	}
	for _, each := range members {
		if each.Name == name && len(each.PeerURLs) > 0 && strings.HasPrefix(each.PeerURLs[0], "https://"+address+":") {
			info("Removing name=%s id=%s address=%s from etcd", name, each.ID, address)
			return e.change("remove", each.ID)
		}
	}
	return nil
}

// ownPeerURL corrects the only member's address, which a snapshot or sqlite's stand-in brought from elsewhere.
func (e *etcd) ownPeerURL() error {
	members, err := e.members()
	if err != nil {
		return err
	}
	if len(members) != 1 || len(members[0].PeerURLs) == 1 && members[0].PeerURLs[0] == e.peerURL() {
		return nil
	}
	own := map[string]any{"ID": members[0].ID, "peerURLs": []string{e.peerURL()}}
	return e.call(localEtcd, "cluster/member/update", own, nil)
}

// wasRemoved: etcd ended because the others have taken this member out.
func (e *etcd) wasRemoved() bool {
	return e.process.said("permanently removed") || e.process.said("member was removed") ||
		e.process.said("removed from the cluster")
}
