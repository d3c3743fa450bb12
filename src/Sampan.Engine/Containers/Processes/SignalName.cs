using System.Globalization;

namespace Sampan.Engine.Containers.Processes;

/// <summary>Names of signals, see signal(7); the numbers are those of x86-64 and arm64.</summary>
internal static class SignalName
{
    public const int Kill = 9;
    public const int Terminate = 15;
    private const int RealTimeMinimum = 34;
    private const int RealTimeMaximum = 64;

    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>Reads <c>SIGTERM</c>, <c>term</c>, <c>15</c>, <c>RTMIN+3</c>.</summary>
    public static bool TryParse(string text, out int signal)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out signal))
            return signal is > 0 and <= RealTimeMaximum;
        var name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal))
            name = name[3..];
        name = name switch { "IOT" => "ABRT", "CLD" => "CHLD", "POLL" => "IO", _ => name };
        signal = name.Length == 0 ? -1 : Array.IndexOf(Names, name);
        if (signal < 0)
            signal = RealTime(name);
        return signal > 0;
    }

    /// <summary>Reads a signal or says that it is none.</summary>
    public static int Parse(string text) =>
        TryParse(text, out var signal) ? signal : throw EngineException.Invalid($"invalid signal: {text}");

    private static int RealTime(string name)
    {
        if (name == "RTMIN")
            return RealTimeMinimum;
        if (name == "RTMAX")
            return RealTimeMaximum;
        var offset = 0;
        if (name.StartsWith("RTMIN+", StringComparison.Ordinal) && int.TryParse(name.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out offset))
            return RealTimeMinimum + offset <= RealTimeMaximum ? RealTimeMinimum + offset : -1;
        if (name.StartsWith("RTMAX-", StringComparison.Ordinal) && int.TryParse(name.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out offset))
            return RealTimeMaximum - offset >= RealTimeMinimum ? RealTimeMaximum - offset : -1;
        return -1;
    }
}
