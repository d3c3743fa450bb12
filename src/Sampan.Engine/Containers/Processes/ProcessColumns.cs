using System.Globalization;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Containers.Processes;

/// <summary>ps(1)'s columns, made from /proc: <c>-ef</c>, <c>aux</c> and <c>-o</c> lists. Other options are refused by name.</summary>
internal sealed class ProcessColumns
{
    private static readonly string[] Full = ["user:UID", "pid", "ppid", "c", "stime", "tty", "time", "args:CMD"];
    private static readonly string[] Aux = ["user", "pid", "%cpu", "%mem", "vsz", "rss", "tty", "stat", "start", "bsdtime:TIME", "args:COMMAND"];

    private readonly IReadOnlyList<(string Key, string Title)> _columns;
    private readonly ProcessClock _clock;

    private ProcessColumns(IReadOnlyList<(string, string)> columns, ProcessClock clock)
    {
        _columns = columns;
        _clock = clock;
    }

    /// <summary>Reads ps's arguments.</summary>
    /// <param name="arguments">As typed; null or empty: <c>-ef</c>.</param>
    /// <param name="clock">What ages and shares are relative to.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: an option that is not among those above.</exception>
    public static ProcessColumns Parse(string? arguments, ProcessClock clock)
    {
        var words = (arguments ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        IReadOnlyList<string>? keys = null;
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i];
            if (word is "-ef" or "-fe" or "-f" or "-e" or "-A" or "ax" or "-ax" or "f")
                keys ??= Full;
            else if (word is "aux" or "-aux" or "u" or "axu")
                keys = Aux;
            else if (word is "-o" or "o" or "-eo" or "-Ao" or "--format" && i + 1 < words.Length)
                keys = words[++i].Split(',');
            else if (word.StartsWith("-o", StringComparison.Ordinal) && word.Length > 2)
                keys = word[2..].Split(',');
            else if (word.StartsWith("--format=", StringComparison.Ordinal))
                keys = word[9..].Split(',');
            else
                throw EngineException.Invalid($"ps option '{word}' is not supported: use -ef, aux or -o with a list of columns");
        }

        return new ProcessColumns([.. (keys ?? Full).Select(Column)], clock);
    }

    /// <summary>The table.</summary>
    public ProcessTable Table(IReadOnlyList<ProcessFacts> processes) =>
        new([.. _columns.Select(c => c.Title)], [.. processes.Select(IReadOnlyList<string> (p) => [.. _columns.Select(c => Cell(c.Key, p))])]);

    private static (string Key, string Title) Column(string text)
    {
        var split = text.IndexOfAny([':', '=']);
        var key = (split < 0 ? text : text[..split]).Trim();
        var (canonical, title) = key switch
        {
            "pid" or "tgid" => ("pid", "PID"),
            "ppid" => ("ppid", "PPID"),
            "pgid" or "pgrp" => ("pgid", "PGID"),
            "sid" or "sess" => ("sid", "SID"),
            "user" or "euser" or "uname" => ("user", "USER"),
            "uid" or "euid" => ("uid", "UID"),
            "gid" or "egid" => ("gid", "GID"),
            "comm" or "ucmd" or "ucomm" => ("comm", key == "ucmd" ? "CMD" : "COMMAND"),
            "args" or "cmd" or "command" => ("args", key == "cmd" ? "CMD" : "COMMAND"),
            "stat" or "state" or "s" => ("stat", key == "stat" ? "STAT" : "S"),
            "tty" or "tt" or "tname" => ("tty", key == "tt" ? "TT" : "TTY"),
            "time" or "cputime" => ("time", "TIME"),
            "bsdtime" => ("bsdtime", "TIME"),
            "etime" => ("etime", "ELAPSED"),
            "etimes" => ("etimes", "ELAPSED"),
            "start" or "stime" or "start_time" => ("stime", key == "stime" ? "STIME" : "START"),
            "c" => ("c", "C"),
            "%cpu" or "pcpu" => ("%cpu", "%CPU"),
            "%mem" or "pmem" => ("%mem", "%MEM"),
            "vsz" or "vsize" => ("vsz", "VSZ"),
            "rss" or "rssize" => ("rss", "RSS"),
            "nlwp" or "thcount" => ("nlwp", "NLWP"),
            _ => throw EngineException.Invalid($"ps column '{key}' is not supported"),
        };
        return (canonical, split < 0 ? title : text[(split + 1)..]);
    }

    private string Cell(string key, ProcessFacts p) => key switch
    {
        "pid" => Number(p.Pid),
        "ppid" => Number(p.ParentPid),
        "pgid" => Number(p.ProcessGroup),
        "sid" => Number(p.Session),
        "user" => _clock.UserName(p.Uid),
        "uid" => Number(p.Uid),
        "gid" => Number(p.Gid),
        "comm" => p.Command,
        "args" => p.CommandLine,
        "stat" => p.State + (p.Pid == p.Session ? "s" : "") + (p.Threads > 1 ? "l" : ""),
        "tty" => p.Terminal ?? "?",
        "time" => p.CpuTime.ToString(p.CpuTime.Days > 0 ? @"d\-hh\:mm\:ss" : @"hh\:mm\:ss", CultureInfo.InvariantCulture),
        "bsdtime" => string.Create(CultureInfo.InvariantCulture, $"{(int)p.CpuTime.TotalMinutes}:{p.CpuTime.Seconds:00}"),
        "etime" => Elapsed(_clock.Age(p)),
        "etimes" => Number((long)_clock.Age(p).TotalSeconds),
        "stime" => _clock.Started(p),
        "c" => Number((long)Share(p)),
        "%cpu" => Share(p).ToString("0.0", CultureInfo.InvariantCulture),
        "%mem" => (100.0 * p.ResidentBytes / Math.Max(1, _clock.MemoryBytes)).ToString("0.0", CultureInfo.InvariantCulture),
        "vsz" => Number(p.VirtualBytes / 1024),
        "rss" => Number(p.ResidentBytes / 1024),
        _ => Number(p.Threads),
    };

    private double Share(ProcessFacts p) => _clock.Age(p).TotalSeconds is var age and > 0 ? Math.Min(100 * p.CpuTime.TotalSeconds / age, 9999) : 0;

    private static string Elapsed(TimeSpan age) => age.ToString(age.Days > 0 ? @"d\-hh\:mm\:ss" : age.Hours > 0 ? @"hh\:mm\:ss" : @"mm\:ss", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
