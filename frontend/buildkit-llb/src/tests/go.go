// Prints the digests and capabilities that go.rs expects. Run it in a checkout of moby/buildkit:
//   cp go.go $BUILDKIT/cmd/golden/main.go && cd $BUILDKIT && go run -mod=vendor ./cmd/golden

package main

import (
	"context"
	"fmt"
	"net"
	"sort"
	"time"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
)

func main() {
	ctx := context.Background()
	empty := digest.FromBytes(nil)
	plat := llb.LinuxAmd64
	alpine := llb.Image("docker.io/library/alpine:latest", plat, llb.ResolveModeForcePull, llb.WithCustomName("alpine"))
	local := llb.Local("context", llb.SessionID("s1"), llb.IncludePatterns([]string{"i"}), llb.ExcludePatterns([]string{"<a> & \"b\""}), llb.FollowPaths([]string{"f", "g"}), llb.SharedKeyHint("hint"), llb.Differ(llb.DiffNone, false))
	http := llb.HTTP("https://example.com/f", llb.Checksum(empty), llb.Filename("name"), llb.Chmod(0755), llb.Chown(0, 7))
	git := llb.Git("https://github.com/o/r.git", "v1:sub", llb.KeepGitDir(), llb.GitChecksum("c0ffee"))
	ssh := llb.Git("git@github.com:o/r.git", "", llb.KnownSSHHosts("github.com ssh-ed25519 AAAA"))
	oci := llb.OCILayout("base@"+string(empty), llb.OCIStore("s1", "store"), llb.LinuxArm64)
	t := time.Unix(5, 6)
	zero := time.Unix(0, 0)
	files := alpine.File(llb.Copy(local, "a//b", "c/", &llb.CopyInfo{
		Mode: &llb.ChmodOpt{Mode: 0640}, FollowSymlinks: true, CopyDirContentsOnly: true, IncludePatterns: []string{"x"}, ExcludePatterns: []string{"y"},
		AttemptUnpack: true, CreateDestPath: true, AllowWildcard: true, AllowEmptyWildcard: true, CreatedTime: &t, AlwaysReplaceExistingDestPaths: true,
		ChownOpt: &llb.ChownOpt{User: &llb.UserOpt{Name: "me"}, Group: &llb.UserOpt{UID: 7}},
	}).Mkfile("/f", 0644, []byte("text"), llb.WithCreatedTime(zero)).
		Mkdir("/d/e", 0755, llb.WithParents(true), llb.WithUIDGID(1, 2)).
		Symlink("f", "/g").
		Copy(http, "/name", "/h/.").
		Rm("/x*", llb.WithAllowNotFound(true), llb.WithAllowWildcard(true)), llb.WithCustomName("files"))
	cache := llb.Scratch().File(llb.Mkdir("/cache", 0700))
	secret := "/run/secrets/t"
	env := "TOKEN"
	run := alpine.AddEnv("B", "2").AddEnv("A", "1").Dir("/w").User("me").Run(
		llb.Args([]string{"sh", "-c", "true"}), plat,
		llb.Network(llb.NetModeHost), llb.Security(llb.SecurityModeInsecure),
		llb.AddMount("/z", llb.Scratch()),
		llb.AddMount("/tools", files, llb.Readonly, llb.SourcePath("/bin")),
		llb.AddMount("/d", alpine, llb.ForceNoOutput),
		llb.AddMount("/tmp", llb.Scratch(), llb.Tmpfs(llb.TmpfsSize(4096))),
		llb.AddMount("/c", cache, llb.AsPersistentCacheDir("pip", llb.CacheMountLocked), llb.SourcePath("/cache")),
		llb.AddMount("/c2", llb.Scratch(), llb.AsPersistentCacheDir("apt", llb.CacheMountPrivate)),
		llb.AddMount("/b", git),
		llb.AddMount("/o", oci),
		llb.AddMount("/s", ssh, llb.Readonly),
		llb.AddSecretWithDest("t", &secret, llb.SecretFileOpt(1, 2, 0440)),
		llb.AddSecretWithDest("e", nil, llb.SecretAsEnvName(env), llb.SecretOptional),
		llb.AddSSHSocket(llb.SSHSocketTarget("/run/ssh")),
		llb.AddExtraHost("h", net.ParseIP("10.0.0.1")),
		llb.AddUlimit("nofile", 1, 2),
		llb.WithProxy(llb.ProxyEnv{HTTPProxy: "p"}),
		llb.ValidExitCodes(0, 3),
		llb.AddCDIDevice(llb.CDIDeviceName("v/c=n"), llb.CDIDeviceOptional),
		llb.IgnoreCache,
	)
	ro := alpine.Run(llb.Args([]string{"/x"}), plat, llb.ReadonlyRootFS())
	roOut := ro.AddMount("/out", llb.Scratch())
	diff := llb.Diff(alpine, run.Root())
	same := llb.Diff(alpine, alpine)
	lower := llb.Diff(alpine, llb.Scratch())
	root := llb.Merge([]llb.State{alpine, diff, llb.Scratch(), run.GetMount("/z"), roOut, same, lower, alpine})
	def, err := root.Marshal(ctx, plat, llb.WithCaps(pb.Caps.CapSet(pb.Caps.All())))
	if err != nil {
		panic(err)
	}
	for _, dt := range def.Def {
		d := digest.FromBytes(dt)
		var caps []string
		for c := range def.Metadata[d].Caps {
			caps = append(caps, string(c))
		}
		sort.Strings(caps)
		fmt.Println(d, caps)
	}
}
