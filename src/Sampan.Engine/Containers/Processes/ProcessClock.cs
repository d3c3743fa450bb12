using System.Globalization;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Containers.Processes;

/// <summary>What the columns of ps are relative to.</summary>
/// <param name="Now">The time.</param>
/// <param name="SinceBoot">How long the machine runs.</param>
/// <param name="MemoryBytes">The machine's memory.</param>
/// <param name="Passwd">The lines of the host's /etc/passwd.</param>
internal sealed record ProcessClock(DateTimeOffset Now, TimeSpan SinceBoot, long MemoryBytes, IReadOnlyList<string> Passwd)
{
    /// <summary>The machine's.</summary>
    public static ProcessClock Read(TimeProvider time) => new(
        time.GetUtcNow(),
        TimeSpan.FromSeconds(double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture)),
        HostFacts.MemoryBytes(),
        File.Exists("/etc/passwd") ? File.ReadAllLines("/etc/passwd") : []);

    /// <summary>How long a process has been running.</summary>
    public TimeSpan Age(ProcessFacts process) => SinceBoot - process.StartedAfterBoot;

    /// <summary>When it began: the time of today, the day before that.</summary>
    public string Started(ProcessFacts process)
    {
        var started = Now - Age(process);
        return started.Date == Now.Date ? started.ToString("HH:mm", CultureInfo.InvariantCulture) : started.ToString("MMMdd", CultureInfo.InvariantCulture);
    }

    /// <summary>The host's name for a user, else the number.</summary>
    public string UserName(uint uid)
    {
        var number = uid.ToString(CultureInfo.InvariantCulture);
        return Passwd.Select(l => l.Split(':')).FirstOrDefault(w => w.Length > 2 && w[2] == number)?[0] ?? number;
    }
}
