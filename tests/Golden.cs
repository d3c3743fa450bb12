using System.Runtime.CompilerServices;

namespace Sampan.Tests;

/// <summary>
/// Files in a test project's <c>Goldens</c> that say what must come out. With SAMPAN_UPDATE_GOLDENS=1 the tests write them; read the difference before
/// committing it.
/// </summary>
internal static class Golden
{
    internal static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", name));

    /// <summary>Compares with a file; line ends at the end of the text are not told apart.</summary>
    internal static void Check(string name, string actual, [CallerFilePath] string caller = "")
    {
        if (Environment.GetEnvironmentVariable("SAMPAN_UPDATE_GOLDENS") == "1")
        {
            File.WriteAllText(Path.Combine(ProjectOf(caller), "Goldens", name), actual.TrimEnd() + "\n");
            return;
        }

        actual.TrimEnd().ShouldBe(Read(name).TrimEnd());
    }

    private static string ProjectOf(string source)
    {
        var directory = new FileInfo(source).Directory;
        while (directory is not null && !directory.EnumerateFiles("*.csproj").Any())
            directory = directory.Parent;
        return directory?.FullName ?? throw new DirectoryNotFoundException(source);
    }
}
