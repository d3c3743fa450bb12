namespace Sampan.Kernel.Tests.Runtime;

/// <summary>The Native AOT executable under test: containers are made by it, never by the test process, which has many threads.</summary>
internal static class RuntimeProgram
{
    /// <summary>Its path; skips the test where it was not published.</summary>
    internal static string Require()
    {
        var path = Environment.GetEnvironmentVariable("SAMPAN_RUNTIME") ?? Find();
        if (path is null || !File.Exists(path))
            Assert.Skip("sampan-runtime is not published: run make, or set SAMPAN_RUNTIME");
        if (!File.Exists("/bin/busybox"))
            Assert.Skip("/bin/busybox is missing: install busybox-static");
        if (Environment.UserName != "root")
            Assert.Skip("containers need root");
        return path;
    }

    private static string? Find()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Sampan.slnx")))
                return Path.Combine(directory, "out", "sampan-runtime");
        }
        return null;
    }
}
