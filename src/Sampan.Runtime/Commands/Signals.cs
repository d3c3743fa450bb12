namespace Sampan.Runtime.Commands;

/// <summary>Signals by number or name, with or without <c>SIG</c>.</summary>
internal static class Signals
{
    private static readonly string[] s_names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT",
        "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    internal static int Parse(string text)
    {
        const int Last = 64;
        if (int.TryParse(text, out var number))
            return number is >= 0 and <= Last ? number : throw new UsageException($"unknown signal '{text}'");
        var name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        var index = Array.FindIndex(s_names, 1, one => one.Equals(name, StringComparison.OrdinalIgnoreCase));
        return index > 0 ? index : throw new UsageException($"unknown signal '{text}'");
    }
}
