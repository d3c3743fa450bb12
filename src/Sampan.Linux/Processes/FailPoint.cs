using System.Globalization;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>
/// Places where a test can make the daemon die, to see what the next one finds: between the steps of recipes (<see cref="Reach"/>), and wherever
/// something is changed on disk or in the kernel (<see cref="Changed"/>), so that each gap between two changes has one. A process that was not
/// armed passes them at the price of one comparison.
/// </summary>
/// <remarks>
/// The variable <see cref="Variable"/> names a file. Its content, <c>create.record-stored</c> or <c>written ID/container.json #2</c>, says where the
/// process ends: at the place of that name, when it is come to for the second time since. If there is a file with <see cref="TraceSuffix"/>
/// beside it, the name of each place that is come to is written there: so a test learns from the daemon what places an operation has.
/// </remarks>
public static class FailPoint
{
    /// <summary>Names the file.</summary>
    public const string Variable = "SAMPAN_FAIL_POINT_FILE";

    /// <summary>The trace's name is the file's with this behind it.</summary>
    public const string TraceSuffix = ".reached";

    private const int SigKill = 9;
    private const int ShortestId = 12;

    [ThreadStatic]
    private static bool t_isAside;

    private static string? s_file;

    /// <summary>From here on places count, if the environment names a file. A process that nobody arms, such as a supervisor below an armed daemon, never dies here.</summary>
    public static void Arm() => s_file = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file ? file : null;

    /// <summary>What this thread does from now on belongs to no operation (things made ahead, written later): its places do not count.</summary>
    public static void StandAside() => t_isAside = true;

    /// <summary>A place between two steps of a recipe is reached: if it is the one that was named, the process ends here by SIGKILL, without cleaning up.</summary>
    /// <param name="name">The recipe and what it has just done, <c>create.record-stored</c>.</param>
    public static void Reach(string name)
    {
        if (s_file is { } file && !t_isAside)
            Come(file, name);
    }

    /// <summary>As <see cref="Reach"/>, behind a change; its name is the deed and the end of the path, with <c>ID</c> for what differs each time.</summary>
    /// <param name="deed">What was done, <c>written</c>.</param>
    /// <param name="path">To what.</param>
    public static void Changed(string deed, string path)
    {
        if (s_file is { } file && !t_isAside)
            Come(file, $"{deed} {KindOf(path)}");
    }

    private static void Come(string file, string name)
    {
        lock (Armed.Gate)
        {
            if (File.Exists(file + TraceSuffix))
                File.AppendAllText(file + TraceSuffix, name + "\n");
            if (!File.Exists(file))
                return;
            var named = File.ReadAllText(file).Trim();
            (Armed.Times, Armed.Named) = (named == Armed.Named ? Armed.Times : 0, named);
            var end = named.LastIndexOf(" #", StringComparison.Ordinal);
            var (wanted, time) = end < 0 ? (named, 1) : (named[..end], int.Parse(named.AsSpan(end + 2), CultureInfo.InvariantCulture));
            if (wanted == name && ++Armed.Times == time)
                _ = Sys.kill(Environment.ProcessId, SigKill); // does not return
        }
    }

    // "/data/containers/3f2a…/container.json" is "ID/container.json".
    private static string KindOf(string path) => string.Join('/', path.Split('/').TakeLast(2).Select(part =>
        string.Join('.', part.Split('.').Select(word => word.Length >= ShortestId && word.All(char.IsAsciiHexDigitLower) ? "ID" : word.Length > 0 && word.All(char.IsAsciiDigit) ? "N" : word))));

    // Apart, so that a process that is not armed initialises nothing.
    private static class Armed
    {
        /// <summary>Guards what follows, and the order of the trace.</summary>
        internal static readonly Lock Gate = new();

        internal static string Named { get; set; } = "";

        internal static int Times { get; set; }
    }
}
