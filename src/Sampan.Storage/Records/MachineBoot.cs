namespace Sampan.Storage.Records;

/// <summary>The machine from its start to its end: what was written but not flushed is there as long as that lasts.</summary>
internal static class MachineBoot
{
    private const string IdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>Which one this is (<see href="https://man7.org/linux/man-pages/man4/random.4.html">random(4)</see>); where the kernel does not tell, this process's own, so that nothing unflushed is trusted by the next.</summary>
    internal static string Id { get; } = Read();

    private static string Read()
    {
        try
        {
            return File.ReadAllText(IdFile).Trim();
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return Guid.NewGuid().ToString();
        }
    }
}
