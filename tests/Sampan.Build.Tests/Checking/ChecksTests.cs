using Sampan.Build.Checking;
using Sampan.Build.Parsing;
using Sampan.Build.Planning;
using Sampan.Oci.Images;

namespace Sampan.Build.Tests.Checking;

/// <summary>Each check of the build checks reference: one Dockerfile that it speaks of, and one that it does not.</summary>
public sealed class ChecksTests
{
    [Theory]
    [InlineData("StageNameCasing", "FROM busybox AS Build", 1, "Stage name 'Build' should be lowercase")]
    [InlineData("FromAsCasing", "FROM busybox as build", 1, "'as' and 'FROM' keywords' casing do not match")]
    [InlineData("NoEmptyContinuation", "FROM busybox\nRUN a && \\\n\n  b", 3, "Empty continuation line")]
    [InlineData("ConsistentInstructionCasing", "FROM busybox\nrun a\nRUN b", 2, "Command 'run' should match the case of the command majority (uppercase)")]
    [InlineData("DuplicateStageName", "FROM busybox AS a\nFROM busybox AS a", 2, "Duplicate stage name \"a\", stage names should be unique")]
    [InlineData("ReservedStageName", "FROM busybox AS context", 1, "Stage name should not use the same name as reserved stage \"context\"")]
    [InlineData("JSONArgsRecommended", "FROM busybox\nCMD echo a", 2, "JSON arguments recommended for CMD to prevent unintended behavior related to OS signals")]
    [InlineData("JSONArgsRecommended", "FROM busybox\nENTRYPOINT echo a", 2, "JSON arguments recommended for ENTRYPOINT to prevent unintended behavior related to OS signals")]
    [InlineData("MaintainerDeprecated", "FROM busybox\nMAINTAINER me", 2, "Maintainer instruction is deprecated in favor of using label")]
    [InlineData("UndefinedArgInFrom", "ARG VERSION=1\nFROM busybox:${VERSON}", 2, "FROM argument 'VERSON' is not declared (did you mean VERSION?)")]
    [InlineData("WorkdirRelativePath", "FROM busybox\nWORKDIR usr/app", 2, "Relative workdir \"usr/app\" can have unexpected results if the base image changes")]
    [InlineData("UndefinedVar", "FROM busybox\nARG NAME\nCOPY $NAMES /", 3, "Usage of undefined variable '$NAMES' (did you mean NAME?)")]
    [InlineData("MultipleInstructionsDisallowed", "FROM busybox\nCMD [\"a\"]\nCMD [\"b\"]", 2, "Multiple CMD instructions should not be used in the same stage because only the last one will be used")]
    [InlineData("LegacyKeyValueFormat", "FROM busybox\nENV a b", 2, "\"ENV key=value\" should be used instead of legacy \"ENV key value\" format")]
    [InlineData("RedundantTargetPlatform", "FROM --platform=$TARGETPLATFORM busybox", 1, "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior")]
    [InlineData("SecretsUsedInArgOrEnv", "FROM busybox\nARG AWS_SECRET_ACCESS_KEY", 2, "Do not use ARG or ENV instructions for sensitive data (ARG \"AWS_SECRET_ACCESS_KEY\")")]
    [InlineData("InvalidDefaultArgInFrom", "ARG TAG\nFROM busybox:${TAG}", 2, "Default value for ARG busybox:${TAG} results in empty or invalid base image name")]
    [InlineData("FromPlatformFlagConstDisallowed", "FROM --platform=linux/amd64 busybox", 1, "FROM --platform flag should not use constant value \"linux/amd64\"")]
    [InlineData("CopyIgnoredFile", "FROM busybox\nCOPY ./ignored/file /", 2, "Attempting to Copy file \"./ignored/file\" that is excluded by .dockerignore")]
    [InlineData("ExposeProtoCasing", "FROM busybox\nEXPOSE 80/TCP", 2, "Defined protocol '80/TCP' in EXPOSE instruction should be lowercase")]
    [InlineData("ExposeInvalidFormat", "FROM busybox\nEXPOSE 127.0.0.1:80:80", 2, "EXPOSE instruction should not define an IP address or host-port mapping, found '127.0.0.1:80:80'")]
    public void A_check_says_what_is_wrong_and_where(string rule, string dockerfile, int line, string message)
    {
        var found = Run(dockerfile).Single(warning => warning.Rule == rule);
        (found.Line, found.Column, found.Message).ShouldBe((line, 1, message));
        Run($"# check=skip={rule}\n{dockerfile}").ShouldNotContain(warning => warning.Rule == rule);
    }

    [Fact]
    public void A_description_is_checked_only_if_somebody_wants_it()
    {
        const string Dockerfile = "# another thing\nARG VERSION=1\nFROM busybox";
        Run(Dockerfile).ShouldBeEmpty();
        Run("# check=experimental=InvalidDefinitionDescription\n" + Dockerfile).ShouldHaveSingleItem().Message.ShouldStartWith("Comment for build argument should follow the format: `# VERSION <description>`.");
        Run("# check=experimental=all\n# VERSION of it\nARG VERSION=1\nFROM busybox").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("FROM busybox AS build\nARG A\nENV B=$A C=${D:-x}\nWORKDIR /app\nWORKDIR sub\nCOPY $B /\nSHELL [\"/bin/sh\", \"-c\"]\nCMD echo a\nEXPOSE 80/tcp")]
    [InlineData("from busybox as build\nrun a \\\n # why\n && b\ncmd [\"a\"]")]
    [InlineData("FROM --platform=linux/amd64 busybox AS build-amd64\nENV PUBLIC_KEY=a TOKENS=b\nRUN <<EOF\n\nls\nEOF")]
    [InlineData("FROM --platform=$BUILDPLATFORM busybox\nLABEL a='$x' b=\\$y\nENV PATH=$PATH:/x HOME=$FROM_BASE")]
    [InlineData("FROM unknown\nENV A=$WHATEVER")]
    [InlineData("FROM scratch\nCOPY kept ignored/not/really*.txt /\nADD --checksum=sha256:x https://host/ignored /")]
    public void What_is_well_written_is_left_alone(string dockerfile) => Run(dockerfile).ShouldBeEmpty();

    [Fact]
    public void All_can_be_skipped_and_warnings_can_be_errors()
    {
        Run("# check=skip=all\nFROM busybox as A\nMAINTAINER me").ShouldBeEmpty();
        CheckDirective.Parse("skip=A, b ;error=true").ShouldSatisfyAllConditions(directive => directive.IsError.ShouldBeTrue(), directive => directive.Counts("B", false).ShouldBeFalse(), directive => directive.Counts("c", false).ShouldBeTrue());
        CheckDirective.Parse(null).IsError.ShouldBeFalse();
    }

    [Fact]
    public void A_rule_has_its_page_in_the_documentation()
    {
        new BuildWarning("JSONArgsRecommended", "", 1, 1, 1).Url.ShouldBe("https://docs.docker.com/go/dockerfile/rule/json-args-recommended/");
        new BuildWarning("FromAsCasing", "", 1, 1, 1).Url.ShouldBe("https://docs.docker.com/go/dockerfile/rule/from-as-casing/");
    }

    private static IReadOnlyList<BuildWarning> Run(string dockerfile)
    {
        var text = DockerfileReader.Read(dockerfile);
        var platforms = PlatformArguments.Of(Platform.Current.Normalize(), Platform.Current.Normalize(), null);
        var plan = BuildPlan.Make(text, new Dictionary<string, string?>(), platforms, null);
        return Checks.Run(plan, platforms, IgnoreRules.Read("ignored\n!ignored/not\n"), name => name == "busybox" ? ["PATH=/bin", "FROM_BASE=1"] : null, CheckDirective.Parse(text.Directives.GetValueOrDefault("check")));
    }
}
