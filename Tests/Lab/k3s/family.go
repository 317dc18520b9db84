package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A family is the programs that run under this one and end with it: when it is killed, the kernel kills them too, so
// that nothing is left on their ports.
type family struct {
	logs     string
	requests chan func()
	lock     sync.Mutex
	members  []*member
	ending   bool
}

type member struct {
	name    string
	log     string
	command *exec.Cmd
	ended   chan struct{}
}

func newFamily(logs string) *family {
	f := &family{logs: logs, requests: make(chan func())}
	// The kernel's death signal follows the thread that started a program: this one, which never ends.
	go func() {
		runtime.LockOSThread()
		for request := range f.requests {
			request()
		}
	}()
	return f
}

// start runs a program; what it prints goes to LOGS/NAME.log, made anew.
func (f *family) start(name, path string, arguments ...string) (*member, error) {
	if err := os.MkdirAll(f.logs, 0o700); err != nil {
		return nil, err
	}
	m := &member{name: name, log: filepath.Join(f.logs, name+".log"), ended: make(chan struct{})}
	output, err := os.OpenFile(m.log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	m.command = exec.Command(path, arguments...)
	m.command.Stdout, m.command.Stderr = output, output
	m.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	f.lock.Lock()
	defer f.lock.Unlock()
	if f.ending {
		return nil, syscall.ECANCELED
	}
	started := make(chan error)
	f.requests <- func() { started <- m.command.Start() }
	if err := <-started; err != nil {
		return nil, err
	}
	f.members = append(f.members, m)
	go func() {
		m.command.Wait()
		close(m.ended)
	}()
	return m, nil
}

// keep runs a program again whenever it ends, until the family does.
func (f *family) keep(name, path string, arguments ...string) {
	go func() {
		for {
			m, err := f.start(name, path, arguments...)
			if err != nil {
				return
			}
			<-m.ended
			f.lock.Lock()
			ending := f.ending
			f.lock.Unlock()
			if ending {
				return
			}
			logf("error", "%s exited: %s", name, m.lastWords())
			time.Sleep(time.Second)
		}
	}()
}

// end stops all: those that keep a state last, and with the time to put it down.
func (f *family) end() {
	f.lock.Lock()
	f.ending = true
	members := f.members
	f.lock.Unlock()
	rest := []*member{}
	for _, m := range members {
		if m.name != "etcd" {
			rest = append(rest, m)
		}
	}
	stop(rest, 700*time.Millisecond)
	stop(members, 4*time.Second)
}

func stop(members []*member, patience time.Duration) {
	for _, m := range members {
		m.command.Process.Signal(syscall.SIGTERM)
	}
	late := time.After(patience)
	for _, m := range members {
		select {
		case <-m.ended:
		case <-late:
			late = time.After(0)
			m.command.Process.Kill()
			<-m.ended
		}
	}
}

func (m *member) runs() bool {
	select {
	case <-m.ended:
		return false
	default:
		return true
	}
}

var lastWord = regexp.MustCompile(`(?i)error|"fatal"`)

// lastWords is the last line that a program printed and that says something.
func (m *member) lastWords() string {
	content, _ := os.ReadFile(m.log)
	lines := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	for i := len(lines) - 1; i >= 0; i-- {
		line := string(lines[i])
		if strings.HasPrefix(line, "F") || lastWord.MatchString(line) {
			return line
		}
	}
	return string(lines[len(lines)-1])
}

func (m *member) said(words string) bool {
	content, _ := os.ReadFile(m.log)
	return bytes.Contains(content, []byte(words))
}
