using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Validation;

/// <summary>
/// Says all at once what is wrong with a specification, or asks for what is not supported: nothing is ignored in silence. Pure: what only the
/// machine knows (labels, ids that may be mapped) is found out while planning.
/// </summary>
internal static partial class SpecValidator
{
    private const int HostNameMaxBytes = 64;

    /// <summary>Every problem, in the order of the document.</summary>
    internal static SpecProblems Validate(RuntimeSpec spec)
    {
        var problems = new SpecProblems();
        ValidateVersion(spec.OciVersion, problems);
        if (spec.Root is null)
            problems.Add("root", "is missing");
        else
            problems.Path("root.path", spec.Root.Path);
        if (spec.Process is not null)
            Validate(spec.Process, problems);
        var linux = spec.Linux ?? new LinuxSection();
        problems.Each("mounts", spec.Mounts, (path, mount) => Validate(path, mount, linux, problems));
        if (spec.Hooks is { } hooks)
            Validate(hooks, problems);
        problems.Each("annotations", spec.Annotations, (path, name, _) =>
        {
            if (name.Length == 0)
                problems.Add(path, "has no name");
        });
        Validate(linux, problems);
        ValidateName("hostname", spec.Hostname, linux, problems);
        ValidateName("domainname", spec.Domainname, linux, problems);
        return problems;
    }

    /// <summary>Throws with the problems, if there are any.</summary>
    /// <exception cref="RuntimeException">There are.</exception>
    internal static void Require(RuntimeSpec spec)
    {
        var problems = Validate(spec);
        if (problems.Any)
            throw new RuntimeException("specification", "invalid config.json: " + problems.Line);
    }

    /// <summary>A process that enters a running container.</summary>
    internal static void Validate(OciProcess process, List<string> told)
    {
        var problems = new SpecProblems();
        Validate(process, problems);
        told.AddRange(problems.Told);
    }

    // "1.2.0", "1.0.2-dev": what a later 1.x adds is ignored where it is not known, as the specification asks.
    private static void ValidateVersion(string version, SpecProblems problems)
    {
        if (version.Length == 0)
            problems.Add("ociVersion", "is missing");
        else if (!Version.TryParse(version.AsSpan(0, version.AsSpan().IndexOfAny('-', '+') is >= 0 and var end ? end : version.Length), out var number) || number.Major != 1)
            problems.Add("ociVersion", $"{SpecProblems.Quote(version)} is not a version 1.x");
    }

    private static void ValidateName(string path, string? name, LinuxSection linux, SpecProblems problems)
    {
        if (name is not { Length: > 0 } || !problems.Text(path, name, HostNameMaxBytes))
            return;
        if (!linux.Namespaces.Any(one => one is { Type: "uts" }))
            problems.Add(path, "is set, but linux.namespaces has no uts namespace: it would name the host");
    }

    private static void Validate(Hooks hooks, SpecProblems problems)
    {
        foreach (var (name, list) in ((string, IReadOnlyList<Hook>)[])
            [("prestart", hooks.Prestart), ("createRuntime", hooks.CreateRuntime), ("createContainer", hooks.CreateContainer), ("startContainer", hooks.StartContainer), ("poststart", hooks.Poststart), ("poststop", hooks.Poststop)])
        {
            problems.Each("hooks." + name, list, (path, hook) =>
            {
                problems.AbsolutePath(path + ".path", hook.Path);
                problems.Texts(path + ".args", hook.Args);
                problems.Texts(path + ".env", hook.Env);
                if (hook.Timeout is <= 0)
                    problems.Add(path + ".timeout", $"{hook.Timeout} is not above 0");
            });
        }
    }
}
