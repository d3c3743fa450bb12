using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sampan.Conformance.Harness;

/// <summary>A bundle with busybox in it, and the container that the runtime under test makes of it.</summary>
internal sealed class Container : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly JsonSerializerOptions s_relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private int _calls;

    internal Container(string script)
    {
        _ = RuntimeUnderTest.Path;
        Id = "conf" + Guid.NewGuid().ToString("n")[..12];
        Location = Directory.CreateTempSubdirectory("sampan-conformance-").FullName;
        foreach (var directory in (string[])["bin", "proc", "sys", "dev", "tmp", "etc"])
            Directory.CreateDirectory($"{Rootfs}/{directory}");
        CopyProgram("/bin/busybox", Rootfs + "/bin/busybox");
        foreach (var applet in s_applets)
            File.CreateSymbolicLink($"{Rootfs}/bin/{applet}", "busybox");
        Config = DefaultConfig(Id, script);
    }

    /// <summary>By a process of its own: a copy of ours would be open for writing in whatever another test starts meanwhile, and could not be run as long (ETXTBSY).</summary>
    private static void CopyProgram(string source, string target)
    {
        using var copy = System.Diagnostics.Process.Start("cp", [source, target]);
        copy.WaitForExit();
        copy.ExitCode.ShouldBe(0, $"cp {source} {target}");
    }

    private static readonly string[] s_applets =
    [
        "sh", "cat", "echo", "ls", "id", "stat", "readlink", "true", "false", "sleep", "grep", "env", "pwd", "hostname", "mount", "umount", "touch", "mkdir", "mknod",
        "chmod", "ps", "kill", "tty", "stty", "cut", "wc", "test", "sort", "dd", "head", "awk", "find", "mkfifo", "ulimit", "tr", "rm", "sed", "sync", "chown",
    ];

    internal string Id { get; }

    /// <summary>Directory of the bundle.</summary>
    internal string Location { get; }

    internal string Rootfs => Location + "/rootfs";

    /// <summary>The configuration; written at <see cref="Create"/> and <see cref="Run"/>.</summary>
    internal JsonObject Config { get; set; }

    internal JsonObject Process => Config["process"]!.AsObject();

    internal JsonObject Linux => Config["linux"]!.AsObject();

    internal JsonArray Mounts => Config["mounts"]!.AsArray();

    /// <summary>Sets what the container runs.</summary>
    internal Container Runs(params string[] args)
    {
        Process["args"] = Json(args);
        return this;
    }

    /// <summary>Changes the configuration.</summary>
    internal Container With(Action<Container> change)
    {
        change(this);
        return this;
    }

    /// <summary>Adds a mount.</summary>
    internal Container Mount(string type, string source, string destination, params string[] options)
    {
        Mounts.Add(new JsonObject { ["type"] = type, ["source"] = source, ["destination"] = destination, ["options"] = Json(options) });
        return this;
    }

    internal static JsonArray Json(params IEnumerable<string> values) => new([.. values.Select(value => (JsonNode)value)]);

    internal void Write() => File.WriteAllText(Location + "/config.json", Config.ToJsonString(s_relaxed));

    internal Result Create(params string[] options)
    {
        Write();
        return Call([], "create", [.. options, "--bundle", Location, Id]);
    }

    internal Result Run(params string[] options)
    {
        Write();
        return Call([], "run", [.. options, "--bundle", Location, Id]);
    }

    /// <summary>Creates and starts.</summary>
    internal Container Started(params string[] options)
    {
        Create(options).Succeeds();
        Start().Succeeds();
        return this;
    }

    internal Result Start() => Call("start", Id);

    internal Result Kill(string signal) => Call("kill", Id, signal);

    internal Result Delete(params string[] options) => Call("delete", [.. options, Id]);

    internal Result Exec(params string[] args) => Call("exec", [Id, .. args]);

    /// <summary>Output of the container that <see cref="Create"/> made, as far as it wrote.</summary>
    internal string Output => File.ReadAllText(Location + "/create.out");

    internal JsonObject State()
    {
        var result = Call("state", Id);
        return JsonNode.Parse(result.Succeeds().Output)!.AsObject();
    }

    internal string Status => State()["status"]!.GetValue<string>();

    internal int Pid => State()["pid"]!.GetValue<int>();

    internal void AwaitStatus(string status) => Await(() => Status == status, $"the status did not become '{status}'");

    internal static void Await(Func<bool> condition, string otherwise)
    {
        for (var waited = Stopwatch.StartNew(); !condition(); Thread.Sleep(10))
            waited.Elapsed.ShouldBeLessThan(s_patience, otherwise);
    }

    internal Result Call(string command, params string[] args) => Call([], command, args);

    /// <summary>Calls the runtime with options before the command. Output goes to files: what <c>create</c> leaves running keeps the streams it got.</summary>
    internal Result Call(string[] globals, string command, string[] args, string before = "")
    {
        // What the container itself prints after create goes on to these files.
        var streams = $"{Location}/{(command is "create" or "run" ? command : $"call{Interlocked.Increment(ref _calls)}")}";
        var start = RuntimeUnderTest.Command(["--root", Location + "/state", .. globals, command, .. args]);
        var shell = new ProcessStartInfo("/bin/sh", ["-c", $"{before}\nexec \"$0\" \"$@\" </dev/null >{streams}.out 2>{streams}.err", start.FileName, .. start.ArgumentList]) { UseShellExecute = false };
        using var process = System.Diagnostics.Process.Start(shell).ShouldNotBeNull();
        process.WaitForExit(s_patience).ShouldBeTrue($"'{command}' did not end within {s_patience}");
        return new Result(process.ExitCode, File.ReadAllText(streams + ".out").TrimEnd('\n'), File.ReadAllText(streams + ".err"));
    }

    public void Dispose()
    {
        Call("delete", "--force", Id);
        var mounts = File.ReadAllText("/proc/self/mountinfo");
        Groups.Remove(Id);
        mounts.ShouldNotContain(Location, Case.Sensitive, "a mount is left on the host");
        Directory.Delete(Location, recursive: true);
    }

    private static JsonObject DefaultConfig(string id, string script) => JsonNode.Parse($$"""
        {
          "ociVersion": "1.0.2",
          "root": { "path": "rootfs" },
          "process": {
            "user": { "uid": 0, "gid": 0 }, "args": ["sh", "-c", {{JsonSerializer.Serialize(script, s_relaxed)}}], "env": ["PATH=/bin"], "cwd": "/",
            "capabilities": {
              "bounding": {{Capabilities}}, "effective": {{Capabilities}}, "permitted": {{Capabilities}}
            }
          },
          "mounts": [
            { "destination": "/proc", "type": "proc", "source": "proc" },
            { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"] },
            { "destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
            { "destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
            { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"] }
          ],
          "linux": {
            "cgroupsPath": "{{Groups.PathOf(id)}}",
            "resources": { "devices": [ { "allow": false, "access": "rwm" } ] },
            "namespaces": [ { "type": "pid" }, { "type": "ipc" }, { "type": "uts" }, { "type": "mount" }, { "type": "network" } ]
          }
        }
        """)!.AsObject();

    private const string Capabilities = """["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID"]""";
}
