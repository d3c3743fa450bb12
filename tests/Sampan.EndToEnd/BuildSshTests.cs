using System.Net.Sockets;
using System.Text.RegularExpressions;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>SSH in builds: Debian's own sshd, ssh, ssh-agent and git in containers and on the host; the agent or the key stays with the client.</summary>
public sealed class BuildSshTests(SharedEngine engine) : EngineTest(engine)
{
    private readonly string _own = $"ssh-{Guid.NewGuid():n}";
    private readonly Scratch _scratch = new();

    [Fact]
    public async Task A_build_talks_to_the_users_agent_or_keys_over_ssh_and_the_key_is_nowhere()
    {
        await Shared.WithAsync("debian");
        var key = Path.Combine(_scratch.Path, "key");
        await KeygenAsync(key, "ed25519");
        var address = await StartServerAsync(key);
        var dockerfile = $"""
            FROM {_own}-server
            RUN --mount=type=ssh ssh-add -L | cut -d' ' -f2 > /listed && stat -c '%F %a %u %g' $SSH_AUTH_SOCK && ssh root@{address} cat /etc/greeting
            RUN --mount=type=ssh git clone -q ssh://root@{address}/repository.git /cloned && cat /cloned/file
            RUN --mount=type=ssh,id=default,target=/tmp/a,mode=0666,uid=7,gid=8 --mount=type=ssh,target=/tmp/b ls -ln /tmp/a && ssh-add -l > /dev/null && SSH_AUTH_SOCK=/tmp/b ssh-add -l > /dev/null && echo "$SSH_AUTH_SOCK twice"
            RUN --mount=type=ssh ! ssh-add -q -D && ! ssh-add -q -x < /dev/null && ssh-add -l > /dev/null && echo unharmed
            ADD ssh://root@{address}/repository.git#main /added
            RUN cat /added/file; test -z "$SSH_AUTH_SOCK" && ! test -e /run/buildkit && ! test -e /tmp/a && echo nothing left
            """;
        _scratch.Write("client/Dockerfile", dockerfile);

        // An agent with the key.
        await using (var agent = await Agent.StartAsync(Path.Combine(_scratch.Path, "agent"), key))
        {
            var built = (await BuildAsync(agent, "--ssh", "default")).Succeeded();
            built.ShouldContain(" socket 600 0 0\n");
            built.ShouldContain(" hello over ssh\n");
            Regex.Count(built, "(?m) of the repository$").ShouldBe(2);
            built.ShouldMatch("(?m) srw-rw-rw-.* 7 +8 .* /tmp/a$");
            built.ShouldContain(" /tmp/a twice\n");
            built.ShouldContain(" unharmed\n");
            built.ShouldContain(" nothing left\n");
            (await RunAsync(Clients.Docker, "run", "--rm", _own, "cat", "/listed")).Succeeded().ShouldBe((await File.ReadAllTextAsync(key + ".pub")).Split(' ')[1]);
            (await RunAsync(Clients.Docker, "run", "--rm", _own, "sh", "-c", "ls -d /run/buildkit /tmp/a /tmp/b 2>/dev/null | wc -l; env | grep -c SSH_AUTH_SOCK")).Stdout.ShouldBe("0\n0\n");

            // A context over ssh.
            (await Daemon.ClientAsync(Clients.Sampan, ["build", "--ssh", $"default={agent.Socket}", $"ssh://root@{address}/repository.git#main"])).Succeeded().ShouldContain(" built from of the repository");
        }

        // The key as a file: an agent of the client's own.
        _scratch.Write("client/Dockerfile", $"FROM {_own}-server\nRUN --mount=type=ssh,required ssh root@{address} cat /etc/greeting # by a file\nADD ssh://root@{address}/repository.git /added\n");
        (await BuildAsync(null, "--ssh", $"default={key}")).Succeeded().ShouldContain(" hello over ssh\n");
        // Without it.
        (await BuildAsync(null, "--no-cache")).Failed();
        _scratch.Write("client/Dockerfile", $"FROM busybox\nENV own={_own}\nRUN --mount=type=ssh,required true\n");
        (await BuildAsync(null)).Failed().Saying("Dockerfile").Saying("line 3").Saying("no SSH key \"default\" forwarded from the client: start the build with --ssh default");
        (await BuildAsync(null, "--ssh", $"other={key}")).Failed().Saying("no SSH key \"default\" forwarded from the client");
        _scratch.Write("client/Dockerfile", $"FROM busybox\nENV own={_own}\nRUN --mount=type=ssh,id=other test -z \"$SSH_AUTH_SOCK\"\nADD ssh://root@{address}/repository.git /x\n");
        (await BuildAsync(null)).Failed().Saying("git fetch failed for 'ssh://").Saying("Permission denied").Saying("(no SSH agent is forwarded: --ssh default)");

        // Neither key nor agent ever came here.
        var secret = (await File.ReadAllLinesAsync(key))[2];
        secret.Length.ShouldBeGreaterThan(60);
        (await Shell.RunAsync("/bin/grep", ["-r", "-l", "-s", "-F", secret, Daemon.DataRoot, Daemon.ExecRoot])).Stdout.ShouldBeEmpty();
        Daemon.Log.ShouldNotContain(secret);
        Directory.Exists(Path.Combine(Daemon.ExecRoot, "build", "run")).ShouldBeTrue();
        await Eventually.HoldsAsync("no socket is left", () => !Directory.EnumerateDirectories(Path.Combine(Daemon.ExecRoot, "build", "run")).Any());
    }

    [Fact]
    public async Task Dockers_client_with_BuildKit_forwards_the_users_agent_by_its_session()
    {
        var client = DebianDocker.Required();
        await Shared.WithAsync("debian");
        var key = Path.Combine(_scratch.Path, "key");
        await KeygenAsync(key, "ed25519");
        var address = await StartServerAsync(key);
        _scratch.Write("client/Dockerfile", $"""
            FROM {_own}-server
            RUN --mount=type=ssh,required ssh-add -L | cut -d' ' -f2 > /listed && ssh root@{address} cat /etc/greeting
            ADD ssh://root@{address}/repository.git#main /added
            RUN cat /added/file; test -z "$SSH_AUTH_SOCK" && ! test -e /run/buildkit && echo nothing left
            """);
        await using (var agent = await Agent.StartAsync(Path.Combine(_scratch.Path, "agent"), key))
        {
            var built = await BuildAsync(agent.Socket, "--ssh", "default", "-t", _own);
            built.Succeeded();
            built.Saying(" hello over ssh").Saying(" of the repository").Saying(" nothing left");
            (await RunAsync(Clients.Docker, "run", "--rm", _own, "cat", "/listed")).Succeeded().ShouldBe((await File.ReadAllTextAsync(key + ".pub")).Split(' ')[1]);
        }
        (await BuildAsync("", "--no-cache")).Failed().Saying("no SSH key \"default\" forwarded from the client");

        Task<Outcome> BuildAsync(string socket, params string[] options) => Shell.RunAsync(
            client, ["build", "--progress", "plain", .. options, Path.Combine(_scratch.Path, "client")],
            new Dictionary<string, string>(Daemon.ClientEnvironment, StringComparer.Ordinal) { ["DOCKER_BUILDKIT"] = "1", ["SSH_AUTH_SOCK"] = socket });
    }

    [Fact]
    public async Task Docker_without_buildx_has_no_agents_and_says_so()
    {
        _scratch.Write("client/Dockerfile", "FROM busybox\n");
        (await RunAsync(Clients.Docker, "build", "--ssh", "default", Path.Combine(_scratch.Path, "client"))).Failed().Saying("unknown flag: --ssh");
        var (status, body) = await Daemon.SendAsync(HttpMethod.Post, "/sampan/builds/agents?session=short&id=default");
        status.ShouldBe(400);
        body.ShouldContain("a line to an SSH agent needs a session");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        (await Daemon.SendAsync(HttpMethod.Post, "/build/prune?all=1")).Status.ShouldBe(200);
        _scratch.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A container with sshd and a repository, made of this machine's programs with their libraries on Debian's files.</summary>
    private async Task<string> StartServerAsync(string key)
    {
        if (Shell.Find("sshd") is null || Shell.Find("ssh-agent") is null)
        {
            Assert.Skip("openssh is not installed on this machine (scripts/setup test)");
        }

        var libraries = Path.Combine(_scratch.Path, "server/libraries");
        Directory.CreateDirectory(libraries);
        Directory.CreateDirectory(Path.Combine(_scratch.Path, "server/bin"));
        foreach (var name in new[] { "sshd", "ssh", "ssh-add", "git" })
        {
            var program = Shell.Find(name) ?? throw new InvalidOperationException(name);
            File.Copy(program, Path.Combine(_scratch.Path, "server/bin", name));
            foreach (Match library in Regex.Matches((await Shell.RunAsync("/usr/bin/ldd", [program])).Succeeded(), "=> (?<path>/[^ ]+/(?<name>lib[^ /]+)) ", RegexOptions.None, TimeSpan.FromSeconds(10)))
            {
                // What belongs to the loader stays the image's own.
                if (!Regex.IsMatch(library.Groups["name"].Value, "^lib(c|m|dl|rt|pthread|resolv)\\.so", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10)))
                    File.Copy(library.Groups["path"].Value, Path.Combine(libraries, library.Groups["name"].Value), overwrite: true);
            }
        }

        var repository = Path.Combine(_scratch.Path, "work");
        _scratch.Write("work/file", "of the repository\n");
        _scratch.Write("work/Dockerfile", "FROM busybox\nCOPY file /file\nRUN echo \"built from $(cat /file)\"\n");
        foreach (var words in new string[][] { ["init", "-q", "-b", "main"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-q", "-m", "one"] })
            (await Shell.RunAsync("/usr/bin/git", ["-C", repository, .. words])).Succeeded();
        (await Shell.RunAsync("/usr/bin/git", ["clone", "-q", "--bare", repository, Path.Combine(_scratch.Path, "server/repository.git")])).Succeeded();
        await KeygenAsync(Path.Combine(_scratch.Path, "server/host"), "ed25519");
        File.Copy(key + ".pub", Path.Combine(_scratch.Path, "server/authorized"));
        _scratch.Write("server/Dockerfile", """
            FROM debian
            COPY bin/ /usr/bin/
            COPY libraries/ /usr/local/lib/
            RUN ldconfig && mkdir -p /run/sshd && echo 'sshd:x:100:65534::/run/sshd:/bin/false' >> /etc/passwd && echo hello over ssh > /etc/greeting && ln -s git /usr/bin/git-upload-pack
            COPY --chmod=600 host /etc/ssh/host
            COPY --chmod=600 authorized /etc/ssh/authorized
            COPY --chown=0:0 repository.git /repository.git
            COPY <<EOF /etc/ssh/ssh_config
            Host *
              StrictHostKeyChecking no
              BatchMode yes
            EOF
            COPY <<EOF /etc/ssh/sshd_config
            HostKey /etc/ssh/host
            AuthorizedKeysFile /etc/ssh/authorized
            PermitRootLogin prohibit-password
            PasswordAuthentication no
            StrictModes no
            EOF
            CMD ["/usr/bin/sshd", "-D", "-e"]
            """);
        (await Daemon.SampanAsync("build", "-t", $"{_own}-server", Path.Combine(_scratch.Path, "server"))).Succeeded();
        var id = (await RunAsync(Clients.Docker, "run", "-d", $"{_own}-server")).Succeeded();
        var address = await InspectAsync(Clients.Docker, id, "{{.NetworkSettings.IPAddress}}");
        await Eventually.HoldsAsync("sshd answers", async () =>
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(address, 22);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        });
        return address;
    }

    private Task<Outcome> BuildAsync(Agent? agent, params string[] options) =>
        Shell.RunAsync(Checkout.Executable("sampan"), ["-H", Daemon.Host, "build", "-t", _own, .. options, Path.Combine(_scratch.Path, "client")], new Dictionary<string, string> { ["SSH_AUTH_SOCK"] = agent?.Socket ?? "" });

    private static async Task KeygenAsync(string path, string kind) => (await Shell.RunAsync("/usr/bin/ssh-keygen", ["-q", "-N", "", "-t", kind, "-f", path])).Succeeded();

    /// <summary>Debian's ssh-agent with one key.</summary>
    private sealed class Agent : IAsyncDisposable
    {
        private readonly System.Diagnostics.Process _process;

        private Agent(string socket)
        {
            Socket = socket;
            _process = Shell.Start("/usr/bin/ssh-agent", ["-D", "-a", socket]);
        }

        public string Socket { get; }

        public static async Task<Agent> StartAsync(string socket, string key)
        {
            var agent = new Agent(socket);
            try
            {
                await Eventually.HoldsAsync("the agent listens", () => File.Exists(socket));
                (await Shell.RunAsync("/usr/bin/ssh-add", ["-q", key], new Dictionary<string, string> { ["SSH_AUTH_SOCK"] = socket })).Succeeded();
                return agent;
            }
            catch
            {
                await agent.DisposeAsync();
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
