using Sampan.Runtime.Commands;

namespace Sampan.Runtime.Tests.Commands;

/// <summary>What <c>--help</c> prints, word for word.</summary>
public sealed class HelpTests
{
    public static TheoryData<string> Commands => [.. CommandLine.All().Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_of_a_command_is_its_golden(string name) => Golden.Check($"help-{name}.txt", CommandHelp.For(CommandLine.Find(name).ShouldNotBeNull()));

    [Fact]
    public void Help_of_the_program_is_its_golden() => Golden.Check("help.txt", CommandHelp.ForAll(CommandLine.All(), CommandLine.GlobalOptions));

    /// <summary>What runc 1.1 and 1.2 know, so that whoever calls runc can call us.</summary>
    [Theory]
    [InlineData("create", "bundle b console-socket pid-file no-pivot no-new-keyring preserve-fds")]
    [InlineData("run", "bundle b console-socket detach d keep pid-file no-subreaper no-pivot no-new-keyring preserve-fds")]
    [InlineData("exec", "console-socket cwd env e tty t user u additional-gids g process p detach d pid-file process-label apparmor no-new-privs cap c preserve-fds cgroup ignore-paused")]
    [InlineData("kill", "all a")]
    [InlineData("delete", "force f")]
    [InlineData("list", "format f quiet q")]
    [InlineData("ps", "format f")]
    [InlineData("events", "interval stats")]
    [InlineData("spec", "bundle b rootless")]
    [InlineData("checkpoint", "image-path work-path parent-path leave-running tcp-established ext-unix-sk shell-job lazy-pages status-fd page-server file-locks pre-dump manage-cgroups-mode empty-ns auto-dedup")]
    [InlineData("restore", "console-socket image-path work-path tcp-established ext-unix-sk shell-job file-locks manage-cgroups-mode bundle b detach d pid-file no-subreaper no-pivot empty-ns auto-dedup lazy-pages lsm-profile lsm-mount-context")]
    [InlineData("update", "resources r blkio-weight cpu-period cpu-quota cpu-burst cpu-share cpu-rt-period cpu-rt-runtime cpuset-cpus cpuset-mems memory memory-reservation memory-swap pids-limit kernel-memory kernel-memory-tcp l3-cache-schema mem-bw-schema cpu-idle")]
    public void A_command_knows_the_options_of_runc(string name, string options)
    {
        var command = CommandLine.Find(name).ShouldNotBeNull();
        foreach (var option in options.Split(' '))
            command.Options.ShouldContain(one => one.IsNamed(option), option);
    }

    [Fact]
    public void No_name_of_an_option_means_two_things()
    {
        foreach (var command in CommandLine.All())
            command.Options.SelectMany(option => new[] { option.Name, option.Short }).Where(name => name is not null).ShouldBeUnique(command.Name);
    }
}
