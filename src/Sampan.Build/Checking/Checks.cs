using Sampan.Build.Parsing;
using Sampan.Build.Planning;

namespace Sampan.Build.Checking;

/// <summary>
/// The checks of <c>docker build --check</c>, by the names of the <see href="https://docs.docker.com/reference/build-checks/">build checks
/// reference</see>. Pure: it looks at the Dockerfile, at what the ignore rules exclude, and at the variables of base images that are here.
/// </summary>
internal sealed partial class Checks
{
    private static readonly HashSet<string> s_experimental = ["InvalidDefinitionDescription"];

    private readonly DockerfileText _text;
    private readonly BuildPlan _plan;
    private readonly IReadOnlyDictionary<string, string> _platforms;
    private readonly IgnoreRules? _ignored;
    private readonly Func<string, IReadOnlyList<string>?> _variables;
    private readonly CheckDirective _directive;
    private readonly List<BuildWarning> _found = [];

    private Checks(BuildPlan plan, IReadOnlyDictionary<string, string> platforms, IgnoreRules? ignored, Func<string, IReadOnlyList<string>?> variables, CheckDirective directive)
    {
        _text = plan.Text;
        _plan = plan;
        _platforms = platforms;
        _ignored = ignored;
        _variables = variables;
        _directive = directive;
    }

    /// <summary>Checks a Dockerfile.</summary>
    /// <param name="plan">What it means.</param>
    /// <param name="platforms">The automatic arguments.</param>
    /// <param name="ignored">What is no part of the context; null: nothing.</param>
    /// <param name="variables">The variables of a base image; null: it is not here, so nobody knows.</param>
    /// <param name="directive">Which checks count.</param>
    /// <returns>What it found, by place.</returns>
    internal static IReadOnlyList<BuildWarning> Run(BuildPlan plan, IReadOnlyDictionary<string, string> platforms, IgnoreRules? ignored, Func<string, IReadOnlyList<string>?> variables, CheckDirective directive)
    {
        var checks = new Checks(plan, platforms, ignored, variables, directive);
        checks.CheckText();
        checks.CheckGlobals();
        checks.CheckNames();
        foreach (var stage in plan.All)
            checks.CheckStage(stage);
        return [.. checks._found.DistinctBy(found => (found.Rule, found.Message, found.Line)).OrderBy(found => found.Line).ThenBy(found => found.Rule, StringComparer.Ordinal)];
    }

    private void Warn(string rule, SourcePlace place, string message)
    {
        if (_directive.Counts(rule, s_experimental.Contains(rule)))
            _found.Add(new BuildWarning(rule, message, place.Line, place.Column, place.LastLine));
    }

    private void CheckNames()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stage in _plan.All)
        {
            if (stage.Name is not { } name)
                continue;
            if (!seen.Add(name))
                Warn("DuplicateStageName", stage.From.Place, $"Duplicate stage name \"{name}\", stage names should be unique");
            if (name is "context" or "scratch")
                Warn("ReservedStageName", stage.From.Place, $"Stage name should not use the same name as reserved stage \"{name}\"");
        }
    }

    private void CheckStage(Stage stage)
    {
        CheckPlatform(stage);
        CheckVariables(stage);
        var isWorkdirSet = false;
        var last = new Dictionary<string, Instruction>(StringComparer.Ordinal);
        foreach (var instruction in stage.Instructions)
        {
            switch (instruction)
            {
                case Instruction.Maintainer:
                    Warn("MaintainerDeprecated", instruction.Place, "Maintainer instruction is deprecated in favor of using label");
                    break;
                case Instruction.Workdir workdir:
                    if (!isWorkdirSet && !workdir.Path.StartsWith('/') && !workdir.Path.StartsWith('$') && !workdir.Path.StartsWith("\"/", StringComparison.Ordinal) && !workdir.Path.StartsWith("\"$", StringComparison.Ordinal))
                        Warn("WorkdirRelativePath", instruction.Place, $"Relative workdir \"{workdir.Path}\" can have unexpected results if the base image changes");
                    isWorkdirSet = true;
                    break;
                case Instruction.Cmd { Command.IsShell: true } when !HasShell(stage, instruction):
                    Warn("JSONArgsRecommended", instruction.Place, "JSON arguments recommended for CMD to prevent unintended behavior related to OS signals");
                    break;
                case Instruction.Entrypoint { Command.IsShell: true } when !HasShell(stage, instruction):
                    Warn("JSONArgsRecommended", instruction.Place, "JSON arguments recommended for ENTRYPOINT to prevent unintended behavior related to OS signals");
                    break;
                case Instruction.Env env:
                    CheckSecrets("ENV", env.Pairs.Select(pair => pair.Key), env.Place);
                    break;
                case Instruction.Arg arg:
                    CheckSecrets("ARG", arg.Pairs.Select(pair => pair.Key), arg.Place);
                    break;
                case Instruction.Expose expose:
                    CheckPorts(expose);
                    break;
                case Instruction.Copy { Origin: null } copy:
                    CheckIgnored(copy);
                    break;
            }
            if (instruction is Instruction.Cmd or Instruction.Entrypoint or Instruction.Healthcheck)
            {
                var verb = VerbOf(instruction);
                if (last.TryGetValue(verb, out var before))
                    Warn("MultipleInstructionsDisallowed", before.Place, $"Multiple {verb} instructions should not be used in the same stage because only the last one will be used");
                last[verb] = instruction;
            }
        }
    }

    // Who sets a shell has thought about it.
    private static bool HasShell(Stage stage, Instruction before) => stage.Instructions.TakeWhile(other => other != before).Any(other => other is Instruction.Shell);

    private void CheckPlatform(Stage stage)
    {
        if (stage.From.Platform is not { Length: > 0 } written)
            return;
        if (written is "$TARGETPLATFORM" or "${TARGETPLATFORM}")
            Warn("RedundantTargetPlatform", stage.From.Place, $"Setting platform to predefined {written} in FROM is redundant as this is the default behavior");
        // A stage whose name says the platform means it.
        else if (!written.Contains('$') && !(stage.Name is { } name && written.Split('/').Any(part => part.Length > 0 && name.Contains(part, StringComparison.OrdinalIgnoreCase))))
            Warn("FromPlatformFlagConstDisallowed", stage.From.Place, $"FROM --platform flag should not use constant value \"{written}\"");
    }

    private void CheckSecrets(string verb, IEnumerable<string> names, SourcePlace place)
    {
        foreach (var name in names)
        {
            if (LooksSecret(name))
                Warn("SecretsUsedInArgOrEnv", place, $"Do not use ARG or ENV instructions for sensitive data ({verb} \"{name}\")");
        }
    }

    private static bool LooksSecret(string name)
    {
        var words = name.ToLowerInvariant().Split('_');
        return !words.Contains("public") && words.Any(word => word is "apikey" or "auth" or "credential" or "credentials" or "key" or "password" or "pword" or "passwd" or "secret" or "token");
    }

    private void CheckPorts(Instruction.Expose expose)
    {
        foreach (var port in expose.Ports)
        {
            var slash = port.LastIndexOf('/');
            var protocol = slash < 0 ? "" : port[(slash + 1)..];
            if (!protocol.Contains('$') && protocol != protocol.ToLowerInvariant())
                Warn("ExposeProtoCasing", expose.Place, $"Defined protocol '{port}' in EXPOSE instruction should be lowercase");
            if (!port.Contains('$') && port.Contains(':'))
                Warn("ExposeInvalidFormat", expose.Place, $"EXPOSE instruction should not define an IP address or host-port mapping, found '{port}'");
        }
    }

    private void CheckIgnored(Instruction.Copy copy)
    {
        foreach (var source in copy.Sources)
        {
            var path = source.TrimStart('/');
            path = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
            if (_ignored is not null && path.Length > 0 && path != "." && path.AsSpan().IndexOfAny("*?[$:") < 0 && _ignored.Excludes(path.TrimEnd('/')) && _ignored.ExcludesAllBelow(path.TrimEnd('/')))
                Warn("CopyIgnoredFile", copy.Place, $"Attempting to {(copy.IsAdd ? "Add" : "Copy")} file \"{source}\" that is excluded by .dockerignore");
        }
    }

    private static string VerbOf(Instruction instruction) => instruction.Text.Split(' ', 2)[0].ToUpperInvariant();
}
