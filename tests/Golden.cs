using System.Runtime.CompilerServices;

namespace Sampan.Server.Tests;

/// <summary>Files that say what must come out. With SAMPAN_UPDATE_GOLDENS=1 the tests write them; read the difference before committing it.</summary>
internal static class Golden
{
    internal static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Goldens", name));

    internal static void Check(string name, string actual, [CallerFilePath] string caller = "")
    {
        if (Environment.GetEnvironmentVariable("SAMPAN_UPDATE_GOLDENS") == "1")
        {
            var directory = Path.GetDirectoryName(caller) ?? "";
            while (!File.Exists(Path.Combine(directory, "Sampan.Server.Tests.csproj")))
                directory = Path.GetDirectoryName(directory) ?? throw new DirectoryNotFoundException(caller);
            File.WriteAllText(Path.Combine(directory, "Goldens", name), actual.TrimEnd() + "\n");
            return;
        }

        actual.TrimEnd().ShouldBe(Read(name).TrimEnd());
    }
}
