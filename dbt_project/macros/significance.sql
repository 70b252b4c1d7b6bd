{# Whether a difference is more than chance. #}

{#
    Two-sided p-value of a standard normal statistic, to 15 digits (Hart 1968, as West 2005, Wilmott Magazine, gives it);
    0 beyond 37. No engine's own error function is needed.
#}
{% macro two_sided_p(z) -%}
    {%- set x -%} abs({{ z }}) {%- endset -%}
    {%- set above, below = '0.0352624965998911', '0.0883883476483184' -%}
    {%- set upper = [
        0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931, 220.206867912376
    ] -%}
    {%- set lower = [
        1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831, 793.826512519948,
        440.413735824752
    ] -%}
    case
        when {{ x }} > 37 then cast(0 as double)
        when {{ x }} < 7.07106781186547
            then 2 * exp(-{{ x }} * {{ x }} / 2) * {{ horner(above, upper, x) }} / {{ horner(below, lower, x) }}
        else 2 * exp(-{{ x }} * {{ x }} / 2)
            / ({{ x }} + 1 / ({{ x }} + 2 / ({{ x }} + 3 / ({{ x }} + 4 / ({{ x }} + 0.65))))) / 2.506628274631
    end
{%- endmacro %}

{% macro horner(first, rest, x) -%}
    {%- set built = namespace(sql=first ~ 'e0') -%}
    {%- for coefficient in rest -%}
        {%- set built.sql = '(' ~ built.sql ~ ' * ' ~ x ~ ' + ' ~ coefficient ~ 'e0)' -%}
    {%- endfor -%}
    {{ built.sql }}
{%- endmacro %}

{#
    Bound of the difference of two estimates of different answers, recovered from their own bounds (Newcombe 1998, method
    10, for shares; Zou and Donner 2008 in general).
#}
{% macro difference_bound(later, earlier, bound) -%}
    {%- set near, far, sign = ('low', 'high', '-') if bound == 'low' else ('high', 'low', '+') -%}
    {{ later }}.score_value - {{ earlier }}.score_value {{ sign }} sqrt(
        power({{ later }}.score_value - {{ later }}.interval_{{ near }}, 2)
        + power({{ earlier }}.interval_{{ far }} - {{ earlier }}.score_value, 2)
    )
{%- endmacro %}
