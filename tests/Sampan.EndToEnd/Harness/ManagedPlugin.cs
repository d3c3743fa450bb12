using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Sampan.EndToEnd.Harness;

/// <summary>Directories of managed plugins with <c>managed-plugin.c</c>, compiled once, as their program.</summary>
internal static class ManagedPlugin
{
    private static readonly Lazy<string?> s_program = new(Compile, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>A plugin for <c>plugin create</c>; skips the test where there is no C compiler.</summary>
    /// <param name="directory">Where: made anew.</param>
    /// <param name="change">What is different from a volume driver with settings for all that the program heeds.</param>
    /// <returns>The directory.</returns>
    public static string Make(string directory, Action<JsonObject>? change = null)
    {
        if (s_program.Value is not { } program)
        {
            Assert.Skip("there is no C compiler (gcc or clang) that links statically: install gcc and libc6-dev");
            return directory;
        }

        var config = JsonNode.Parse("""
            {
              "description": "volumes of the tests", "documentation": "", "workdir": "/",
              "interface": { "types": ["docker.volumedriver/1.0"], "socket": "plugin.sock" },
              "entrypoint": ["/plugin", "/run/docker/plugins/plugin.sock", "/data", "/volumes"],
              "network": { "type": "none" }, "propagatedMount": "/volumes", "linux": { "capabilities": ["CAP_SYS_ADMIN"] },
              "env": [
                { "name": "GREETING", "description": "in each new volume", "settable": ["value"], "value": "hello" },
                { "name": "REFUSE", "settable": ["value"], "value": "" },
                { "name": "MUTE", "settable": ["value"], "value": "" },
                { "name": "FIXED", "value": "yes" }
              ]
            }
            """)!.AsObject();
        change?.Invoke(config);
        Directory.CreateDirectory(Path.Combine(directory, "rootfs"));
        File.WriteAllText(Path.Combine(directory, "config.json"), config.ToJsonString());
        File.Copy(program, Path.Combine(directory, "rootfs", "plugin"), overwrite: true);
        return directory;
    }

    private static string? Compile()
    {
        var program = Path.Combine(AppContext.BaseDirectory, $"managed-plugin-{Environment.ProcessId}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(program);
        foreach (var compiler in (string[])["/usr/bin/gcc", "/usr/bin/clang", "/usr/bin/cc"])
        {
            if (!File.Exists(compiler))
            {
                continue;
            }

            using var process = Process.Start(new ProcessStartInfo(compiler, ["-static", "-O1", "-o", program, Path.Combine(AppContext.BaseDirectory, "managed-plugin.c")]) { UseShellExecute = false }).ShouldNotBeNull();
            process.WaitForExit();
            if (process.ExitCode == 0)
            {
                return program;
            }
        }

        return null;
    }
}
