using System.Runtime.CompilerServices;

namespace Sampan.Runtime.Tests;

/// <summary>Files that say what must come out. With SAMPAN_UPDATE_GOLDENS=1 the tests write them; read the difference before committing it.</summary>
internal static class Golden
{
    internal static void Check(string name, string actual, [CallerFilePath] string caller = "")
    {
        if (Environment.GetEnvironmentVariable("SAMPAN_UPDATE_GOLDENS") == "1")
        {
            var directory = Path.GetDirectoryName(caller) ?? "";
            while (!File.Exists(Path.Combine(directory, "Sampan.Runtime.Tests.csproj")))
                directory = Path.GetDirectoryName(directory) ?? throw new DirectoryNotFoundException(caller);
            File.WriteAllText(Path.Combine(directory, "Goldens", name), actual);
            return;
        }
        actual.ShouldBe(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", name)));
    }
}
