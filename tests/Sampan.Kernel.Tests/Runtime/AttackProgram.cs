using System.Diagnostics;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary><c>attacks.c</c>, compiled once: what a hostile program does that a shell cannot.</summary>
internal static class AttackProgram
{
    private static readonly Lazy<string?> s_path = new(Compile, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>Puts it into a root as <c>/bin/attacks</c>; skips the test where there is no C compiler.</summary>
    internal static void PutInto(string rootfs)
    {
        if (s_path.Value is not { } path)
        {
            Assert.Skip("there is no C compiler (gcc or clang) that links statically: install gcc and libc6-dev");
            return;
        }
        File.Copy(path, rootfs + "/bin/attacks", overwrite: true);
        File.SetUnixFileMode(rootfs + "/bin/attacks", (UnixFileMode)0x1ed);
    }

    /// <summary>Runs it outside of any container.</summary>
    internal static string RunOnHost(params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(s_path.Value.ShouldNotBeNull(), args) { RedirectStandardOutput = true, UseShellExecute = false }).ShouldNotBeNull();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.TrimEnd('\n');
    }

    private static string? Compile()
    {
        var program = Path.Combine(AppContext.BaseDirectory, $"attacks-{Environment.ProcessId}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(program);
        foreach (var compiler in (string[])["/usr/bin/gcc", "/usr/bin/clang", "/usr/bin/cc"])
        {
            if (!File.Exists(compiler))
                continue;
            using var process = Process.Start(new ProcessStartInfo(compiler, ["-static", "-O1", "-o", program, Path.Combine(AppContext.BaseDirectory, "attacks.c")]) { UseShellExecute = false }).ShouldNotBeNull();
            process.WaitForExit();
            if (process.ExitCode == 0)
                return program;
        }
        return null;
    }
}
