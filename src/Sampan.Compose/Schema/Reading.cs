using Sampan.Compose.Documents;
using Sampan.Compose.Interpolation;

namespace Sampan.Compose.Schema;

/// <summary>What reading a file by the schema needs beside the file.</summary>
/// <param name="Directory">What relative paths start from.</param>
/// <param name="Home">What <c>~</c> stands for; null: there is none.</param>
/// <param name="Problems">Takes what is wrong.</param>
internal sealed record Reading(string Directory, string? Home, Problems Problems)
{
    /// <summary>Whether variables stay: values that hold one are taken as they stand.</summary>
    public bool KeepsVariables { get; init; }

    /// <summary>Whether paths stay as they stand.</summary>
    public bool KeepsPaths { get; init; }

    /// <summary>Whether a value is to stay as it stands.</summary>
    public bool Keeps(Scalar scalar) => KeepsVariables && scalar.Kind == ScalarKind.Text && Template.HasVariables(scalar.Text);

    /// <summary>A path on the host, absolute and without dots, unless paths stay as they stand.</summary>
    public string Resolve(string path) => KeepsPaths ? path : Absolute(path);

    /// <summary>A path on the host, absolute and without dots.</summary>
    public string Absolute(string path)
    {
        if (Home is not null && (path == "~" || path.StartsWith("~/", StringComparison.Ordinal))) return Path.GetFullPath(Home + path[1..]);
        return Path.GetFullPath(path, Directory);
    }

    /// <summary>Reports that something else was expected.</summary>
    public void Expected(Node node, DocumentPath path, string what) => Problems.Add(node.At, path, $"expected {what}, not {node.Describe()}");
}
