using System.Reflection;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Runtime;

/// <summary>The suite about itself.</summary>
public sealed class CoverageTests
{
    private static readonly MethodInfo[] s_tests = [.. typeof(CoverageTests).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ConformanceTest)))
        .SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttribute<FactAttribute>() is not null)];

    [Fact]
    public void Every_test_cites_what_it_holds_the_runtime_to() =>
        s_tests.Where(test => test.GetCustomAttribute<SpecAttribute>() is null).Select(test => test.Name).ShouldBeEmpty();

    [Fact]
    public void Every_declared_deviation_is_of_a_test_that_there_is() => Deviations.Tests.Except(s_tests.Select(test => test.Name)).ShouldBeEmpty();

    [Fact]
    public void No_two_tests_have_one_name() => s_tests.GroupBy(test => test.Name).Where(group => group.Count() > 1).Select(group => group.Key).ShouldBeEmpty();
}
