using System.Diagnostics;
using System.Text;

namespace Sampan.EndToEnd.Harness;

/// <summary>Runs commands of this machine.</summary>
internal static class Shell
{
    /// <summary>A command that takes longer is killed and fails its test: nothing here should take a fraction of it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<Outcome> RunAsync(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? stdin = null, byte[]? stdinBytes = null, TimeSpan? within = null)
    {
        using var process = Start(file, arguments, environment);
        var command = $"{Path.GetFileName(file)} {string.Join(' ', process.StartInfo.ArgumentList)}";
        var most = within ?? Patience;
        using var patience = new CancellationTokenSource(most);
        var stdout = process.StandardOutput.ReadToEndAsync(patience.Token);
        var stderr = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            try
            {
                var bytes = stdinBytes ?? (stdin is null ? null : Encoding.UTF8.GetBytes(stdin));
                if (bytes is not null)
                {
                    await process.StandardInput.BaseStream.WriteAsync(bytes, patience.Token);
                }

                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended without reading all of its input; its exit code and words tell why.
            }

            await process.WaitForExitAsync(patience.Token);
            return new Outcome(command, process.ExitCode, await stdout, await stderr);
        }
        catch (OperationCanceledException late)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{command}' did not end within {most.TotalSeconds:0} s", late);
        }
    }

    public static Process Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"cannot start '{file}'");
    }

    public static Task<Outcome> ShAsync(string script) => RunAsync("/bin/sh", ["-c", script]);

    /// <summary>The full path of a command, or null when this machine does not have it.</summary>
    public static string? Find(string name)
        => (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/sbin", "/sbin"])
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
}
