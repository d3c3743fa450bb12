using Sampan.Build.Parsing;

namespace Sampan.Build.Planning;

/// <summary>
/// A Dockerfile as a graph of stages. A stage needs those that its FROM, <c>COPY --from</c> and <c>RUN --mount=from=</c> name; only what the target
/// needs is in the plan, in an order in which nobody waits for somebody behind.
/// </summary>
/// <param name="Text">The Dockerfile.</param>
/// <param name="Globals">ARGs before the first FROM with their values.</param>
/// <param name="All">Every stage.</param>
/// <param name="Order">Those that are run, what is needed first.</param>
/// <param name="Target">The one that becomes the image.</param>
/// <param name="Steps">The number of instructions that are run.</param>
internal sealed record BuildPlan(DockerfileText Text, IReadOnlyDictionary<string, string> Globals, IReadOnlyList<Stage> All, IReadOnlyList<Stage> Order, Stage Target, int Steps)
{
    /// <summary>Makes the plan.</summary>
    /// <param name="text">The Dockerfile.</param>
    /// <param name="arguments">The user's values.</param>
    /// <param name="platforms">The automatic arguments: <c>TARGETPLATFORM</c> and the like.</param>
    /// <param name="target">A stage's name or number; null: the last.</param>
    /// <exception cref="DockerfileException">A circle, an instruction before FROM.</exception>
    /// <exception cref="BuildException">The target is no stage.</exception>
    internal static BuildPlan Make(DockerfileText text, IReadOnlyDictionary<string, string?> arguments, IReadOnlyDictionary<string, string> platforms, string? target)
    {
        var parser = new InstructionParser(text.Escape);
        var instructions = text.Instructions.Select(parser.Parse).ToList();
        var globals = GlobalsOf(instructions, text.Escape, arguments, platforms);
        var stages = Stages(instructions, text.Escape, name => globals.GetValueOrDefault(name) ?? platforms.GetValueOrDefault(name));
        var chosen = Choose(stages, target);
        var order = new List<Stage>();
        Visit(chosen, stages, order, new HashSet<int>(), new HashSet<int>());
        var step = 1;
        for (var i = 0; i < order.Count; i++)
        {
            order[i] = order[i] with { FirstStep = step };
            step += order[i].Instructions.Count + 1;
        }
        var numbered = order.ToDictionary(stage => stage.Index);
        return new BuildPlan(text, globals, [.. stages.Select(stage => numbered.GetValueOrDefault(stage.Index, stage))], order, order[^1], step - 1);
    }

    /// <summary>The stage that a name or number means, among those before another one; null: none.</summary>
    internal static Stage? Find(IEnumerable<Stage> stages, string name) =>
        stages.LastOrDefault(stage => stage.Name == name.ToLowerInvariant())
        ?? (int.TryParse(name, System.Globalization.NumberStyles.None, null, out var index) ? stages.FirstOrDefault(stage => stage.Index == index) : null);

    private static Dictionary<string, string> GlobalsOf(List<Instruction> instructions, char escape, IReadOnlyDictionary<string, string?> arguments, IReadOnlyDictionary<string, string> platforms)
    {
        var globals = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var instruction in instructions.TakeWhile(instruction => instruction is not Instruction.From))
        {
            if (instruction is not Instruction.Arg arg)
                throw new DockerfileException("no build stage in current context", instruction.Place);
            foreach (var (name, value) in arg.Pairs)
            {
                var given = arguments.GetValueOrDefault(name)
                    ?? (value is null ? null : Expansion.Word(value, escape, n => globals.GetValueOrDefault(n) ?? platforms.GetValueOrDefault(n), arg.Place));
                if (given is not null)
                    globals[name] = given;
            }
        }
        return globals;
    }

    private static List<Stage> Stages(List<Instruction> instructions, char escape, Func<string, string?> value)
    {
        var stages = new List<Stage>();
        for (var i = instructions.FindIndex(instruction => instruction is Instruction.From); i >= 0 && i < instructions.Count;)
        {
            var from = (Instruction.From)instructions[i++];
            var body = instructions.Skip(i).TakeWhile(instruction => instruction is not Instruction.From).ToList();
            i += body.Count;
            var image = Expansion.Word(from.Image, escape, value, from.Place);
            if (image.Length == 0)
                throw new DockerfileException($"base name ({from.Image}) should not be blank", from.Place);
            stages.Add(new Stage
            {
                Index = stages.Count,
                Name = from.Name,
                From = from,
                Base = image,
                BaseStage = stages.LastOrDefault(stage => stage.Name == image.ToLowerInvariant())?.Index,
                Platform = from.Platform is { } platform ? Expansion.Word(platform, escape, value, from.Place) is { Length: > 0 } given ? given : null : null,
                Instructions = body,
            });
        }
        if (stages.Count == 0)
            throw new DockerfileException("no build stage in current context", instructions[0].Place);
        return [.. stages.Select(stage => stage with { Needs = NeedsOf(stage, stages) })];
    }

    // What an ONBUILD of a base asks for is not known yet: it may name earlier stages only, so it closes no circle.
    private static HashSet<int> NeedsOf(Stage stage, List<Stage> stages)
    {
        var needs = new HashSet<int>();
        if (stage.BaseStage is { } below)
            needs.Add(below);
        foreach (var name in stage.Instructions.SelectMany(Origins))
        {
            if (Find(stages, name) is { } other)
                needs.Add(other.Index);
        }
        return needs;
    }

    private static IEnumerable<string> Origins(Instruction instruction) => instruction switch
    {
        Instruction.Copy { Origin: { } origin } => [origin],
        Instruction.Run run => run.Mounts.SelectMany(mount => mount.Split(',')).Where(part => part.StartsWith("from=", StringComparison.Ordinal)).Select(part => part["from=".Length..]),
        _ => [],
    };

    private static Stage Choose(List<Stage> stages, string? target)
    {
        if (target is not { Length: > 0 })
            return stages[^1];
        return Find(stages, target) ?? throw BuildException.Invalid($"failed to reach build target {target} in Dockerfile: {(stages.Exists(stage => stage.Name is not null) ? $"its stages are {string.Join(", ", stages.Select(stage => stage.Name ?? stage.Index.ToString(System.Globalization.CultureInfo.InvariantCulture)))}" : "its stages have no names")}");
    }

    private static void Visit(Stage stage, List<Stage> stages, List<Stage> order, HashSet<int> open, HashSet<int> done)
    {
        if (!open.Add(stage.Index))
            throw new DockerfileException($"circular dependency detected on stage: {stage.Name ?? stage.Index.ToString(System.Globalization.CultureInfo.InvariantCulture)}", stage.From.Place);
        foreach (var need in stage.Needs.Order())
        {
            if (!done.Contains(need))
                Visit(stages[need], stages, order, open, done);
        }
        open.Remove(stage.Index);
        if (done.Add(stage.Index))
            order.Add(stage);
    }
}
