using System.Xml.Linq;

namespace Sampan.Architecture.Tests;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The directory that holds <c>Sampan.slnx</c>.</summary>
    public static string Root { get; } = Find();

    /// <summary>Project name to project file, for everything under <c>src/</c>.</summary>
    public static IReadOnlyDictionary<string, string> SourceProjects()
        => Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => file, StringComparer.Ordinal);

    /// <summary>The names of the projects that a project file references.</summary>
    public static IReadOnlyList<string> References(string projectFile)
        => XDocument.Load(projectFile).Descendants("ProjectReference")
            .Select(reference => reference.Attribute("Include")?.Value ?? throw new InvalidDataException($"a reference without 'Include' in '{projectFile}'"))
            .Select(include => Path.GetFileNameWithoutExtension(include.Replace('\\', '/')))
            .Order(StringComparer.Ordinal)
            .ToList();

    /// <summary>The C# files of <c>src/</c>, without what the build wrote.</summary>
    public static IEnumerable<string> SourceFiles()
        => Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string Find()
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
