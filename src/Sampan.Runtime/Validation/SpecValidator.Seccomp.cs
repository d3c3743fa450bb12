using Sampan.Oci.Runtime;
using Sampan.Runtime.Filters;

namespace Sampan.Runtime.Validation;

/// <summary><c>linux.seccomp</c> of the specification.</summary>
internal static partial class SpecValidator
{
    private const uint LastArgument = 5;
    private const string Filter = "linux.seccomp";

    private static void Validate(Seccomp seccomp, SpecProblems problems)
    {
        ValidateAction(Filter + ".defaultAction", seccomp.DefaultAction, Filter + ".defaultErrnoRet", seccomp.DefaultErrnoRet, problems);
        problems.Each(Filter + ".architectures", seccomp.Architectures, (path, name) => problems.Word(path, name, SeccompConversion.ArchitectureNames));
        problems.Each(Filter + ".flags", seccomp.Flags, (path, name) => problems.Word(path, name, SeccompConversion.FlagNames));
        problems.Each(Filter + ".syscalls", seccomp.Syscalls, (path, rule) =>
        {
            if (rule.Names.Count == 0)
                problems.Add(path + ".names", "is empty");
            problems.Texts(path + ".names", rule.Names, 64);
            ValidateAction(path + ".action", rule.Action, path + ".errnoRet", rule.ErrnoRet, problems);
            problems.Each(path + ".args", rule.Args, (entry, argument) =>
            {
                problems.Range(entry + ".index", argument.Index, 0, LastArgument);
                problems.Word(entry + ".op", argument.Op, SeccompConversion.ComparisonNames);
            });
        });
        if (seccomp.ListenerPath is { Length: > 0 } listener)
            problems.Path(Filter + ".listenerPath", listener);
        else if (seccomp.ListenerMetadata is { Length: > 0 })
            problems.Add(Filter + ".listenerMetadata", "is set, but listenerPath is not");
    }

    private static void ValidateAction(string path, string action, string numberPath, uint? number, SpecProblems problems)
    {
        if (!problems.Word(path, action, SeccompConversion.ActionNames) || number is null)
            return;
        if (number > ushort.MaxValue)
            problems.Add(numberPath, $"{number} is more than {ushort.MaxValue}");
        else if (number != 0 && action is not ("SCMP_ACT_ERRNO" or "SCMP_ACT_TRACE"))
            problems.Add(numberPath, $"{action} takes none");
    }
}
