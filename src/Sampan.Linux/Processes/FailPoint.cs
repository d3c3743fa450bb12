using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>
/// Places in recipes where a test can make the process die, to see what the next one finds. Without the environment variable
/// <see cref="Variable"/> at the start of the process nothing happens, at the price of one comparison.
/// </summary>
public static class FailPoint
{
    /// <summary>Names a file; a place whose name is the file's content, when it is reached, ends the process.</summary>
    public const string Variable = "SAMPAN_FAIL_POINT_FILE";

    private const int SigKill = 9;

    private static readonly string? s_file = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file ? file : null;

    /// <summary>The place is reached: if it is the one that was named, the process ends here by SIGKILL, without cleaning up.</summary>
    /// <param name="name">The recipe and what it has just done, <c>create.record-stored</c>.</param>
    public static void Reach(string name)
    {
        if (s_file is not null && File.Exists(s_file) && File.ReadAllText(s_file).Trim() == name)
            _ = Sys.kill(Environment.ProcessId, SigKill); // does not return
    }
}
