using Sampan.Compose.Documents;
using Sampan.Compose.Interpolation;

namespace Sampan.Compose.Loading;

/// <summary>The variables of a project: those of the process win over those of its env files, a later file over an earlier one.</summary>
public static class ProjectEnvironment
{
    /// <summary>Reads the env files below <paramref name="outer"/>; <see cref="ComposeException"/> tells what is wrong with them.</summary>
    public static IReadOnlyDictionary<string, string> Read(IReadOnlyDictionary<string, string> outer, IReadOnlyList<string> files, bool isRequired, FileReader read)
    {
        var problems = new Problems();
        var result = Read(outer, files, isRequired, read, problems, static _ => { });
        problems.ThrowIfAny();
        return result;
    }

    internal static Dictionary<string, string> Read(IReadOnlyDictionary<string, string> outer, IReadOnlyList<string> files, bool isRequired, FileReader read, Problems problems, Action<string> unset)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            if (read(file) is not { } text)
            {
                if (isRequired) problems.Add(new Position(file, 0, 0), DocumentPath.Root, "no such env file");
                continue;
            }
            foreach (var (name, value) in EnvFile.Parse(text, n => outer.GetValueOrDefault(n) ?? result.GetValueOrDefault(n), (line, what) => problems.Add(new Position(file, line, 1), DocumentPath.Root, what), unset))
                result[name] = value;
        }
        foreach (var (name, value) in outer) result[name] = value;
        return result;
    }
}
