namespace Sampan.EndToEnd.Harness;

/// <summary>What the build made: the executables and the test images.</summary>
internal static class Checkout
{
    public static string Root { get; } = FindRoot();

    /// <summary>The executables under test; <c>SAMPAN_TEST_BIN</c> names another directory.</summary>
    public static string Binaries { get; } = Environment.GetEnvironmentVariable("SAMPAN_TEST_BIN") ?? Path.Combine(Root, "out");

    public static string Executable(string name)
    {
        var path = Path.Combine(Binaries, name);
        File.Exists(path).ShouldBeTrue($"'{path}' is missing: make");
        return path;
    }

    /// <summary>An archive that <c>scripts/images</c> made; the test is skipped when it could not be made.</summary>
    public static string Image(string name)
    {
        var path = Path.Combine(Root, "artifacts", "images", $"{name}.tar");
        if (!File.Exists(path))
        {
            Assert.Skip($"the image '{name}' could not be made on this machine (scripts/images {name})");
        }

        return path;
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Sampan.slnx")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no 'Sampan.slnx' above '{AppContext.BaseDirectory}'");
    }
}
